"""What /metrics tells: counts that processes keep, and figures read from the database at the scrape.

Requests, pulls, readings, inbound events are counted where they happen, in several web workers and Celery
children at once, and any web worker may be asked. So where PROMETHEUS_MULTIPROC_DIR names a directory, each
process counts in memory-mapped files there (prometheus-client's multiprocess mode: microseconds, no I/O in
the path) and the one that is asked adds all files up. All processes of a deployment share the directory. The
database is no place for these counts: their rows would be the hottest of all.
What the database does know, such as the age of due work, is true for the whole deployment and is read when
asked: such figures are passed to `exposition`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
# What a client writes as the method must not become an endless supply of series.
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class _Slot:
    """A number that no other live process of the deployment holds, by a file lock in the shared directory.

    The library names files by process id. Pool children come and go, and each would leave its files to every
    later scrape; containers that share the directory have the same ids. A lock ends with its process, kill -9
    included, and the next process goes on counting in the same files.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.owner = 0
        self.number = 0
        self.lock: IO[bytes] | None = None

    def __call__(self) -> int:
        if self.owner != os.getpid():
            self._claim()
        return self.number

    def _claim(self) -> None:
        if self.lock is not None:
            self.lock.close()  # inherited by fork; the parent still holds its own
        self.directory.mkdir(parents=True, exist_ok=True)
        self.number = -1
        while self.number < 0 or not self._locked():
            self.number += 1
        self.owner = os.getpid()

    def _locked(self) -> bool:
        self.lock = (self.directory / f"{self.number}.lock").open("ab")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lock.close()
            return False
        return True


# Metrics ask this class for the place of their numbers, so it is set before the first of them. The library
# chose one itself, by the mere presence of the variable: an empty one would put its files where we stand.
values.ValueClass = (
    values.MultiProcessValue(_Slot(Path(_DIRECTORY)))  # type: ignore[no-untyped-call]
    if _DIRECTORY
    else values.MutexValue
)
_counted = CollectorRegistry()


def counter(name: str, documentation: str, labels: Iterable[str] = ()) -> Counter:
    """Return a counter that /metrics tells as `livingmaps_<name>_total`.

    Make it once, in the module whose work it counts. Labels come from our own code, never from a client.
    """
    return Counter(f"livingmaps_{name}", documentation, tuple(labels), registry=_counted)


_requests = counter("http_requests", "Requests answered.", ("method", "route", "status"))
_seconds = Histogram(
    "livingmaps_http_request_seconds",
    "Time from the request's first middleware to its answer.",
    ("method", "route"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_counted,
)


def observe_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request under its route pattern (not its path)."""
    known = method if method in _METHODS else "OTHER"
    _requests.labels(known, route, str(status)).inc()
    _seconds.labels(known, route).observe(seconds)


class _Measured(Collector):
    """Gauges whose values were read a moment ago."""

    def __init__(self, measurements: Iterable[tuple[str, dict[str, str], float]]) -> None:
        self.families: dict[str, Metric] = {}
        for name, labels, value in measurements:
            family = self.families.setdefault(name, Metric(name, "Read from the database just now.", "gauge"))
            family.add_sample(name, labels, value)

    def collect(self) -> Iterator[Metric]:
        yield from self.families.values()


def exposition(measurements: Iterable[tuple[str, dict[str, str], float]]) -> bytes:
    """Return Prometheus's text format 0.0.4: the counts of all processes and `measurements` as gauges.

    `measurements`: (full metric name, labels, value), read to the end before anything is written.
    """
    measured = CollectorRegistry()
    measured.register(_Measured(measurements))
    counted = _counted
    if _DIRECTORY:
        counted = CollectorRegistry()
        MultiProcessCollector(counted, _DIRECTORY)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(measured)
