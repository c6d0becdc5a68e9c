"""python -m bench [name …] [--json]: run the rows and print a table, or a JSON list."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from bench import history, ingest, live, publish, pulls, search, size  # noqa: E402 (models need settings)
from bench.ground import prepare  # noqa: E402
from bench.measure import Row  # noqa: E402

BENCHES: dict[str, Callable[[], Iterator[Row]]] = {
    "live": live.rows,
    "ingest": ingest.rows,
    "publish": publish.rows,
    "pulls": pulls.rows,
    "history": history.rows,
    "search": search.rows,
    "size": size.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="manage.py bench", description="Ratios against peers and limits.")
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES], help="which; all when left out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    prepare()
    found: list[Row] = []
    for name in options.names or BENCHES:
        for row in BENCHES[name]():
            found.append(row)
            if not options.json:
                print(f"{'ok  ' if row.holds else 'MISS'} {row.ratio:8.3f}  must {row.must:8} {row.name}")
                print(f"                               {row.detail}", flush=True)
    if options.json:
        print(json.dumps([row.as_dict() for row in found], indent=1))
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
