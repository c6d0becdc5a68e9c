"""What is weak in a map, and how far it has come: advice, never a reason to refuse.

`lint` gathers the remarks of its three rooms: `structure` (what is missing or out of balance), `language`
(whose words, and how long), `upkeep` (what has gone stale). `scores` says how complete, how well covered and
how well grounded a map is.
"""

from .remark import Remark
from .rules import Measured, lint
from .scores import Completeness, Coverage, Evidence, completeness, coverage, evidence
from .upkeep import review_due

__all__ = [
    "Completeness",
    "Coverage",
    "Evidence",
    "Measured",
    "Remark",
    "completeness",
    "coverage",
    "evidence",
    "lint",
    "review_due",
]
