"""Python's collector of cycles, as processes that answer and work for long want it."""

from __future__ import annotations

import gc


def settle_collector() -> None:
    """Leave what is loaded by now out of every search for cycles, and search seldom.

    A map of 2,000 touchpoints, or a batch of 1,000 readings, is many thousand objects that come and go
    together. To look for cycles among them at every 700, as Python does by itself, takes up to half the time
    that the work takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
