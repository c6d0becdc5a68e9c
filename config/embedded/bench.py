"""`manage.py bench`: the benchmarks of bench/ on servers of their own that pay for every commit.

Postgres has a quarter of the machine's memory, as docs/operations.md advises for one that serves.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from config.embedded.checks import TEST_SETTINGS, call, call_status, manage, tool
from config.embedded.throwaway import throwaway_servers


def bench(arguments: Sequence[str]) -> int:
    """Run the command; return its exit status. stdout belongs to the benchmarks (`--json`)."""
    with throwaway_servers("living_maps_bench", safe=True, buffers=_quarter_of_memory()) as servers:
        environment = dict(os.environ) | TEST_SETTINGS | servers
        if not call(environment, *manage("migrate", "--database=owner", "-v", "0")):
            return 1
        return call_status(environment, *tool("bench"), *arguments)


def _quarter_of_memory() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{memory // 4 // 2**20}MB"
