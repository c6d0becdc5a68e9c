"""python -m bench [name …] [--json]: run the rows and print a table, or a JSON list."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from bench import (  # noqa: E402 (models need settings)
    history,
    inbound,
    influx,
    ingest,
    live,
    minute,
    publish,
    pulls,
    scale,
    search,
    size,
)
from bench.ground import prepare  # noqa: E402
from bench.measure import Row  # noqa: E402
from config.collector import settle_collector  # noqa: E402

BENCHES: dict[str, Callable[[], Iterator[Row]]] = {
    "live": live.rows,
    "ingest": ingest.rows,
    "publish": publish.rows,
    "pulls": pulls.rows,
    "minute": minute.rows,
    "inbound": inbound.rows,
    "history": history.rows,
    "search": search.rows,
    "size": size.rows,
    "scale": scale.rows,
    "influx": influx.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="manage.py bench", description="Ratios against peers and limits.")
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], help="which; all when left out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--millions",
        type=int,
        nargs="+",
        default=(1, 10),
        metavar="N",
        help="readings in the stores of `scale`; 50 takes 15 GB of disk and a quarter of an hour",
    )
    options = parser.parse_args()
    prepare()
    settle_collector()  # as every process of the service does that answers or works
    found: list[Row] = []
    benches = BENCHES | {"scale": partial(scale.rows, options.millions)}
    for name in options.names or BENCHES:
        for row in benches[name]():
            found.append(row)
            if not options.json:
                print(f"{'ok  ' if row.holds else 'MISS'} {row.ratio:8.3f}  must {row.must:8} {row.name}")
                print(f"                               {row.detail}", flush=True)
    if options.json:
        print(json.dumps([row.as_dict() for row in found], indent=1))
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
