"""How complete, how well covered and how well grounded a map is: shares 0..1, with what they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from journeys.document.elements import Touchpoint
from journeys.document.lanes import Statement
from journeys.document.shape import Document


@dataclass(frozen=True, slots=True)
class Evidence:
    """Statements (items, opportunities, quotes, emotions) by what they rest on. total: all of them."""

    total: int
    by: Mapping[str, int]

    @property
    def researched(self) -> int:
        """Those that are more than assumed."""
        return self.total - self.by.get("assumed", 0)

    @property
    def share(self) -> float | None:
        """The evidence score; None where nothing is stated."""
        return round(self.researched / self.total, 4) if self.total else None


def evidence(touchpoints: Iterable[Touchpoint]) -> Evidence:
    """Return the evidence of what these touchpoints say."""
    by = Counter(entry.evidence for one in touchpoints for entry in _statements(one))
    return Evidence(sum(by.values()), dict(sorted(by.items())))


def _statements(touchpoint: Touchpoint) -> Iterator[Statement]:
    for _, entries in touchpoint.lanes():
        yield from (entry for entry in entries if isinstance(entry, Statement))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is used of what there is.

    stages_missing: words of the map's vocabulary that no stage bears. channels: touchpoints by channel.
    measured: touchpoints with KPIs, None where nobody knows.
    """

    stages_missing: tuple[str, ...]
    channels: Mapping[str, int]
    without_channel: int
    touchpoints: int
    measured: int | None

    @property
    def measured_share(self) -> float | None:
        if self.measured is None or not self.touchpoints:
            return None
        return round(self.measured / self.touchpoints, 4)


def coverage(
    document: Document, *, stage_words: Mapping[str, str], measured: Collection[UUID] | None
) -> Coverage:
    """Return the coverage. stage_words: of the map's vocabulary, key → label, in its order."""
    borne = {word for stage in document.stages for word in (stage.key, _bare(stage.name))}
    touchpoints = list(document.touchpoints())
    channels = Counter(channel for one in touchpoints for channel in one.channels)
    return Coverage(
        tuple(key for key, label in stage_words.items() if key not in borne and _bare(label) not in borne),
        dict(channels.most_common()),
        sum(not one.channels for one in touchpoints),
        len(touchpoints),
        None if measured is None else sum(one.id in measured for one in touchpoints),
    )


def _bare(name: str) -> str:
    return "-".join(name.casefold().split())


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps in which a map is built. share: of its checks that hold; missing: the others."""

    key: str
    share: float
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    steps: tuple[Step, ...]

    @property
    def share(self) -> float:
        return round(sum(step.share for step in self.steps) / len(self.steps), 4)


def completeness(document: Document, measured: Collection[UUID] | None) -> Completeness:
    """Return how far the map has come: personas, goals, touchpoints and stages, data, acting on insights.

    measured: elements with KPIs; None where nobody knows, and then nothing is asked of them.
    """
    touchpoints = list(document.touchpoints())
    stages = document.stages
    pains = [one for one in touchpoints if one.pains]
    chances = [chance for one in touchpoints for chance in one.opportunities]
    grounded = evidence(touchpoints)
    known = (
        [] if measured is None else [("a KPI at a touchpoint", any(t.id in measured for t in touchpoints))]
    )
    return Completeness(
        (
            _step(
                "personas",
                ("a persona", bool(document.personas)),
                (
                    "goals or needs of every persona",
                    _all(p.goals or p.needs or p.is_reference for p in document.personas),
                ),
            ),
            _step(
                "goals",
                ("the customer's goal", bool(document.customer_goal)),
                ("the organisation's objective", bool(document.organisation_objective)),
                ("a goal for every stage", _all(stage.customer_goal for stage in stages)),
            ),
            _step(
                "touchpoints",
                ("at least three stages", len(stages) >= 3),
                ("touchpoints in every stage", _all(stage.touchpoints for stage in stages)),
                (
                    "a channel at every visible touchpoint",
                    _all(t.channels or t.visibility == "back" for t in touchpoints),
                ),
            ),
            _step(
                "data",
                (
                    "an emotion at every visible touchpoint",
                    _all(t.emotions or t.visibility == "back" for t in touchpoints),
                ),
                ("half of the statements researched", (grounded.share or 0) >= 0.5),
                *known,
            ),
            _step(
                "action",
                ("an owner at every touchpoint", _all(t.owner for t in touchpoints)),
                ("an opportunity wherever it hurts", bool(chances) and all(t.opportunities for t in pains)),
                (
                    "impact or effort of every opportunity",
                    _all(c.impact is not None or c.effort is not None for c in chances),
                ),
                (
                    "an owner of the map and a rhythm of review",
                    bool(document.review.owner and document.review.cadence),
                ),
            ),
        )
    )


def _all(held: Iterable[object]) -> bool:
    """Whether all hold, of at least one."""
    found = list(held)
    return bool(found) and all(found)


def _step(key: str, *checks: tuple[str, bool]) -> Step:
    missing = tuple(what for what, holds in checks if not holds)
    return Step(key, round(1 - len(missing) / len(checks), 4), missing)
