"""What the service consists of besides its servers; docker-compose.yml runs the same argv (a test compares).

Granian refuses (431) a request head above 16 KiB; the small buffer also measured faster than the default.
Without a kill timeout it never ends when it is told to while its workers still start.
Celery needs no mingle and no gossip: truth is in Postgres, workers have nothing to tell each other.
"""

from __future__ import annotations

import sys
from pathlib import Path

QUEUES = "sched,pull,ingest,maintain"


def web(host: str, port: int) -> list[str]:
    """Return the argv of the HTTP server."""
    return [
        *_module("granian"),
        *("--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "10"),
        *("--http", "1", "--no-ws", "--http1-buffer-size", "16384", "--http1-header-read-timeout", "10000"),
        "config.wsgi:application",
    ]


def worker(name: str = "worker") -> list[str]:
    """Return the argv of a worker that takes every queue."""
    return [
        *_module("celery"),
        *("-A", "config", "worker", "-Q", QUEUES, "--concurrency", "2", "--hostname", f"{name}@%h"),
        *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    ]


def beat(schedule: Path) -> list[str]:
    """Return the argv of the clock; `schedule` is its file. Any number of beats may run."""
    return [
        *_module("celery"),
        *("-A", "config", "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"),
    ]


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
