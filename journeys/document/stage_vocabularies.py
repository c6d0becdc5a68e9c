"""Shipped stage vocabularies, as data; a map may name one, follow it loosely, or have its own.

They follow the literature named in `source`; the places in funnel and sale are our reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Funnel = Literal["tofu", "mofu", "bofu"]
Sale = Literal["pre", "during", "post"]


@dataclass(frozen=True, slots=True)
class StageWord:
    """A stage of a vocabulary, with its usual place in the funnel and around the sale (None: none)."""

    key: str
    label: str
    funnel_position: Funnel | None = None
    sale_phase: Sale | None = None


@dataclass(frozen=True, slots=True)
class StageVocabulary:
    key: str
    label: str
    stages: tuple[StageWord, ...]
    source: str
    cyclic: bool = False


_TOP: tuple[Funnel, Sale] = ("tofu", "pre")
_MIDDLE: tuple[Funnel, Sale] = ("mofu", "pre")
_BOTTOM: tuple[Funnel, Sale] = ("bofu", "during")
_AFTER: tuple[None, Sale] = (None, "post")
_NOWHERE: tuple[None, None] = (None, None)


def _stages(*rows: tuple[str, tuple[Funnel | None, Sale | None]]) -> tuple[StageWord, ...]:
    return tuple(StageWord(label.lower().replace(" ", "-"), label, *place) for label, place in rows)


STAGE_VOCABULARIES = (
    StageVocabulary(
        "classic-5",
        "Five classic stages",
        _stages(
            ("Awareness", _TOP),
            ("Consideration", _MIDDLE),
            ("Purchase", _BOTTOM),
            ("Retention", _AFTER),
            ("Advocacy", _AFTER),
        ),
        "five-stage customer journey, general marketing usage",
    ),
    StageVocabulary(
        "classic-6",
        "Six classic stages",
        _stages(
            ("Awareness", _TOP),
            ("Evaluation", _MIDDLE),
            ("Consideration", _MIDDLE),
            ("Decision", _BOTTOM),
            ("Retention", _AFTER),
            ("Advocacy", _AFTER),
        ),
        "six-stage customer journey, general marketing usage",
    ),
    StageVocabulary(
        "decision-6",
        "Six stages around a decision",
        _stages(
            ("Awareness", _TOP),
            ("Research", _MIDDLE),
            ("Evaluation", _MIDDLE),
            ("Decision", _BOTTOM),
            ("Validation", _AFTER),
            ("Loyalty", _AFTER),
        ),
        "decision-centred journeys, general marketing usage",
    ),
    StageVocabulary(
        "buying-process",
        "Buying process",
        _stages(
            ("Problem recognition", _TOP),
            ("Information search", _MIDDLE),
            ("Evaluation of alternatives", _MIDDLE),
            ("Purchase decision", _BOTTOM),
            ("Post-purchase", _AFTER),
        ),
        "buyer decision process of consumer research",
    ),
    StageVocabulary(
        "buyers-journey",
        "Buyer's journey",
        _stages(("Awareness", _TOP), ("Consideration", _MIDDLE), ("Decision", _BOTTOM)),
        "inbound marketing",
    ),
    StageVocabulary(
        "funnel-3",
        "Funnel",
        (
            StageWord("tofu", "Top of funnel", *_TOP),
            StageWord("mofu", "Middle of funnel", *_MIDDLE),
            StageWord("bofu", "Bottom of funnel", *_BOTTOM),
        ),
        "content marketing",
    ),
    StageVocabulary(
        "aida",
        "AIDA",
        _stages(("Attention", _TOP), ("Interest", _MIDDLE), ("Desire", _MIDDLE), ("Action", _BOTTOM)),
        "Lewis 1898",
    ),
    StageVocabulary(
        "5a",
        "Five A",
        _stages(("Aware", _TOP), ("Appeal", _TOP), ("Ask", _MIDDLE), ("Act", _BOTTOM), ("Advocate", _AFTER)),
        "Kotler, Marketing 4.0",
    ),
    StageVocabulary(
        "stdc",
        "See, think, do, care",
        _stages(("See", _TOP), ("Think", _MIDDLE), ("Do", _BOTTOM), ("Care", _AFTER)),
        "Kaushik",
    ),
    StageVocabulary(
        "flywheel",
        "Flywheel",
        _stages(("Attract", _TOP), ("Engage", _MIDDLE), ("Delight", _AFTER)),
        "inbound marketing",
        cyclic=True,
    ),
    StageVocabulary(
        "cdj",
        "Consumer decision journey",
        _stages(
            ("Initial consideration", _TOP),
            ("Active evaluation", _MIDDLE),
            ("Moment of purchase", _BOTTOM),
            ("Post-purchase", _AFTER),
        ),
        "McKinsey 2009",
        cyclic=True,
    ),
    StageVocabulary(
        "aarrr",
        "Pirate metrics",
        _stages(
            ("Acquisition", _TOP),
            ("Activation", _MIDDLE),
            ("Retention", _AFTER),
            ("Referral", _AFTER),
            ("Revenue", _BOTTOM),
        ),
        "McClure 2007",
    ),
    StageVocabulary(
        "race",
        "RACE",
        _stages(("Reach", _TOP), ("Act", _MIDDLE), ("Convert", _BOTTOM), ("Engage", _AFTER)),
        "Smart Insights",
    ),
    StageVocabulary(
        "service-3",
        "Before, during, after the service",
        (
            StageWord("pre-service", "Pre-service", None, "pre"),
            StageWord("service", "Service", None, "during"),
            StageWord("post-service", "Post-service", None, "post"),
        ),
        "Lemon & Verhoef 2016",
    ),
    StageVocabulary(
        "crm-6",
        "Lead pipeline",
        (
            StageWord("visitor", "Visitor", *_TOP),
            StageWord("lead", "Lead", *_TOP),
            StageWord("mql", "Marketing qualified lead", *_MIDDLE),
            StageWord("sql", "Sales qualified lead", *_BOTTOM),
            StageWord("customer", "Customer", *_AFTER),
            StageWord("advocate", "Advocate", *_AFTER),
        ),
        "customer relationship management usage",
    ),
    StageVocabulary(
        "employee",
        "Employee",
        _stages(
            ("Attract", _NOWHERE),
            ("Recruit", _NOWHERE),
            ("Onboard", _NOWHERE),
            ("Develop", _NOWHERE),
            ("Retain", _NOWHERE),
            ("Exit", _NOWHERE),
        ),
        "employee experience usage",
    ),
    StageVocabulary(
        "patient",
        "Patient",
        _stages(
            ("Symptom", _NOWHERE),
            ("Appointment", _NOWHERE),
            ("Diagnosis", _NOWHERE),
            ("Treatment", _NOWHERE),
            ("Follow-up", _NOWHERE),
        ),
        "patient experience usage",
    ),
)
