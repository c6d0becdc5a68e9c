"""The words of mappings: what they may name, and the bounds of what is taken from bodies. Pure."""

from __future__ import annotations

VALUE = "value"
SIDES = ("numerator", "denominator")
HAPPENED = ("joined", "lost")
FIGURES = ("value", "numerator", "denominator", "n")
FLOWS = ("joined", "lost", "lost_new", "grown")
BASES = ("base", "base_of")
TIMES = ("start", "end", "observed_at")
CASTS = ("instant", "date", "epoch", "epoch_ms")
MAX_ISSUES = 20
MAX_ITEMS = 20_000
MOST_TEXT, MOST_SCORE = 10_000, 10**9


class Unfit(ValueError):
    """A value of an item that cannot be what the mapping says."""
