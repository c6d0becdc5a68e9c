"""Batches of 1000 over HTTP against InfluxDB 1.x: a server process each, one connection, fsync on both sides.

Ours is the web server as `up` starts it, on the bench's Postgres, with `fsync` and a commit a batch: readings
are checked and known again if they are repeated; those of series that a map shows are judged, too, and the
map is told, which no figure of InfluxDB's is. InfluxDB is Debian's, on a directory of its own, with
`wal-fsync-delay` 0 and `/write` in line protocol: it overwrites, and checks the type of a field. Without
influxd on this machine there are no rows, and a sentence says so.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import connections

from bench.ground import Ground, document, make_ground
from bench.live import post
from bench.measure import Row, Work, interleaved_prepared
from config.embedded.children import tied
from config.embedded.ports import free_port
from config.embedded.processes import web

SERIES, HOURS = 50, 20
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
START_WITHIN_S = 30
_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{directory}/meta"
[data]
  dir = "{directory}/data"
  wal-dir = "{directory}/wal"
  wal-fsync-delay = "0s"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""


def rows() -> Iterator[Row]:
    if shutil.which("influxd") is None:
        print(
            "No influxd on this machine (Debian's package influxdb): its rows are left out.", file=sys.stderr
        )
        return
    grounds = {name: _defined(name) for name in ("bound", "unbound")}
    with _service() as ours, _influx() as theirs:
        batches = {name: itertools.count() for name in ("bound", "unbound", "influx")}
        spent = interleaved_prepared(
            {
                **{name: partial(_ours, ours, one, batches[name]) for name, one in grounds.items()},
                "influx": partial(_theirs, theirs, batches["influx"]),
            },
            repeats=10,
        )
        _check(theirs, next(batches["influx"]))
    for name, which in (("unbound", "series that no map shows"), ("bound", "series that a map shows")):
        yield Row(
            f"batch of 1000 over HTTP against InfluxDB 1.x /write, fsync on both sides, {which}",
            spent["influx"] / spent[name],
            ">= 0.1",
            f"{spent[name]:.1f} ms ours, {spent['influx']:.1f} ms theirs",
        )


@contextmanager
def _service() -> Iterator[http.client.HTTPConnection]:
    """Serve ours on loopback; yield a connection to it."""
    port = free_port()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    with _running(web("127.0.0.1", port), environment), _reached(port, "/livez", 200) as connection:
        yield connection


@contextmanager
def _influx() -> Iterator[http.client.HTTPConnection]:
    """Run influxd on a directory that is gone afterwards; yield a connection; there is a database `bench`."""
    with tempfile.TemporaryDirectory(prefix="living-maps-influx-") as directory:
        port, rpc = free_port(), free_port()
        config = Path(directory) / "influxdb.conf"
        config.write_text(_CONFIG.format(directory=directory, port=port, rpc=rpc))
        with (
            _running(["influxd", "-config", str(config)], os.environ),
            _reached(port, "/ping", 204) as connection,
        ):
            _send(connection, "POST", "/query?q=CREATE+DATABASE+bench", b"", {}, 200)
            yield connection


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        tied(command, signal.SIGTERM),
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _reached(port: int, path: str, status: int) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection that stays open, once the server answers. Raises OSError if it does not in time."""
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            _send(connection, "GET", path, b"", {}, status)
            break
        except (OSError, http.client.HTTPException):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    try:
        yield connection
    finally:
        connection.close()


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    expected: int,
) -> bytes:
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == expected, (answer.status, said[:500])
    return said


def _ours(connection: http.client.HTTPConnection, ground: Ground, batches: Iterator[int]) -> Work:
    batch = next(batches)
    items = [
        {"kpi": f"i-{series}", "value": _value(batch, series, hour), "start": start, "end": end}
        for series in range(SERIES)
        for hour in range(HOURS)
        for start, end in [_hour(batch, hour)]
    ]
    headers = {"Authorization": f"Bearer {ground.secret}", "Content-Type": "application/json"}
    body = json.dumps({"items": items}).encode()
    return partial(_send, connection, "POST", "/v1/readings/batch", body, headers, 207)


def _theirs(connection: http.client.HTTPConnection, batches: Iterator[int]) -> Work:
    batch = next(batches)
    lines = [
        f"reading,kpi=i-{series} value={_value(batch, series, hour)} "
        f"{int((BEGIN + timedelta(hours=batch * HOURS + hour)).timestamp())}"
        for series in range(SERIES)
        for hour in range(HOURS)
    ]
    body = "\n".join(lines).encode()
    return partial(_send, connection, "POST", "/write?db=bench&precision=s", body, {}, 204)


def _check(connection: http.client.HTTPConnection, batches: int) -> None:
    """InfluxDB has all that it was sent."""
    told = _send(connection, "GET", "/query?db=bench&q=SELECT+count(value)+FROM+reading", b"", {}, 200)
    ((_, count),) = json.loads(told)["results"][0]["series"][0]["values"]
    assert count == batches * SERIES * HOURS, count


def _hour(batch: int, hour: int) -> tuple[str, str]:
    # Each batch goes on where the last one stopped: every figure is new.
    start = BEGIN + timedelta(hours=batch * HOURS + hour)
    return start.isoformat(), (start + timedelta(hours=1)).isoformat()


def _value(batch: int, series: int, hour: int) -> int:
    return 1000 + (batch * 7919 + series * 101 + hour * 13) % 997


def _defined(name: str) -> Ground:
    """Make a workspace with KPIs by the hour, which a map shows or none does."""
    ground = make_ground(f"bench influx {name}")
    touchpoints = [t["key"] for stage in document("Bench")["stages"] for t in stage["touchpoints"]]
    if name == "bound":
        post(ground, "/v1/journey-maps", {"key": "influx", "document": document("Bench")})
    for series in range(SERIES):
        key = f"i-{series}"
        post(ground, "/v1/kpis", {"key": key, "name": key, "kind": "count", "period": "hour"})
        if name == "bound":
            post(ground, "/v1/journey-maps/influx/bindings", {"element": touchpoints[series], "kpi": key})
    connections["default"].close()
    return ground
