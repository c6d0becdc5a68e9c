"""`manage.py bench`: the benchmarks of bench/ on servers of their own that pay for every commit."""

from __future__ import annotations

import os
from collections.abc import Sequence

from config.embedded.checks import TEST_SETTINGS, call, call_status, manage, tool
from config.embedded.throwaway import throwaway_servers


def bench(arguments: Sequence[str]) -> int:
    """Run the command; return its exit status. stdout belongs to the benchmarks (`--json`)."""
    with throwaway_servers("living_maps_bench", safe=True) as servers:
        environment = dict(os.environ) | TEST_SETTINGS | servers
        if not call(environment, *manage("migrate", "--database=owner", "-v", "0")):
            return 1
        return call_status(environment, *tool("bench"), *arguments)
