"""What a KPI over a stock of customers must say: who counts, and what is a loss.

Two teams that count churn differ as a rule in these five, not in the division. They are part of the
definition, so a change of one opens a revision with series of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Term:
    """One of the fields. default: its value unless another is given. values: each with its sense."""

    name: str
    about: str
    default: str
    values: Mapping[str, str]


TERMS = (
    Term(
        "stock_unit",
        "What is counted.",
        "customer",
        MappingProxyType(
            {
                "customer": "Whoever has at least one subscription; lost with the last of them.",
                "subscription": "Each subscription by itself: a customer may have several.",
            }
        ),
    ),
    Term(
        "trials",
        "Whether those who try are in the stock.",
        "excluded",
        MappingProxyType(
            {
                "excluded": "They join when they first pay; a trial that ends unpaid is no loss.",
                "included": "They join when the trial begins; a trial that ends unpaid is a loss.",
            }
        ),
    ),
    Term(
        "pauses",
        "What a pause is.",
        "kept",
        MappingProxyType(
            {
                "kept": "Who pauses stays in the stock.",
                "lost": "Who pauses is lost, and joins anew when the pause ends.",
            }
        ),
    ),
    Term(
        "plan_switches",
        "What a change of plan is.",
        "kept",
        MappingProxyType(
            {
                "kept": "Neither a loss nor a joining.",
                "lost_and_joined": "The old plan is lost and the new one joins.",
            }
        ),
    ),
    Term(
        "loss_at",
        "The moment of loss.",
        "ended",
        MappingProxyType(
            {
                "ended": "When what was paid for has ended.",
                "cancelled": "When notice was given, however long access lasts.",
                "unpaid": "When a payment failed for good.",
            }
        ),
    ),
)
NAMES = tuple(term.name for term in TERMS)
DEFAULTS: Mapping[str, str] = MappingProxyType({term.name: term.default for term in TERMS})
