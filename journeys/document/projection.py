"""What an audience sees of a document: a pure function from a document to a smaller document.

Whatever an audience is shown, told by an ETag or compared, is made from the outcome and from nothing
else: so what was taken out leaks by no format. What is shown is named (an element, a lane or a persona that
comes later is not shown until somebody says so); what is redacted is named by the member that holds it,
wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar, get_args
from uuid import UUID

from .base import Shape
from .elements import LANES, Stage, Touchpoint
from .format import format_needed
from .lanes import Statement
from .references import with_references
from .shape import Document

T = TypeVar("T")
EMOTIONS = "emotions"
SHOWN_LANES = (*LANES, EMOTIONS)
"""The shipped lanes by the names that a projection gives them; custom lanes go by their keys."""

# Members that place or explain others: without them a document would not be understood, or would say by its
# default what is not true (evidence "assumed", state "current", visibility "front").
_KEPT = frozenset(
    (
        *("format", "language", "actor_kind", "state", "cyclic", "id", "key", "name", "text"),
        *("stages", "touchpoints", "personas", "lanes", "lane_items"),
        *("visibility", "persona", "evidence"),
        *("scale", "value", "word", "intensity", "arousal", "dominance"),
    )
)


@dataclass(frozen=True, slots=True)
class Projection:
    """None shows all of a kind, an empty set none of it.

    stages and personas by id; lanes by `SHOWN_LANES` and keys of custom lanes; evidence: the levels whose
    statements are shown; redact: names of `redactable()` members.
    """

    stages: frozenset[UUID] | None = None
    lanes: frozenset[str] | None = None
    personas: frozenset[UUID] | None = None
    back_stage: bool = True
    evidence: frozenset[str] | None = None
    redact: frozenset[str] = frozenset()

    def within(self, other: Projection) -> Projection:
        """Return what both show."""
        return Projection(
            stages=both(self.stages, other.stages),
            lanes=both(self.lanes, other.lanes),
            personas=both(self.personas, other.personas),
            back_stage=self.back_stage and other.back_stage,
            evidence=both(self.evidence, other.evidence),
            redact=self.redact | other.redact,
        )


def both(one: frozenset[T] | None, other: frozenset[T] | None) -> frozenset[T] | None:
    """Return what is in both sets; None is the set of all."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


EVERYTHING = Projection()


@cache
def redactable() -> frozenset[str]:
    """Return the members that may be redacted: all optional ones of every part of a document, but for those
    that the rest cannot be understood without."""
    return frozenset(_optional(Document, set())) - _KEPT


def project(document: Document, projection: Projection) -> Document:
    """Return what the projection shows of a document; the document itself where it shows everything.

    The outcome is a valid document. Every part keeps its id.
    """
    if projection == EVERYTHING:
        return document
    hidden = _hidden_personas(document, projection)
    stages = tuple(
        _stage(stage, projection, hidden)
        for stage in document.stages
        if projection.stages is None or stage.id in projection.stages
    )
    update: dict[str, Any] = {
        "stages": stages,
        "transitions": _transitions(document, stages),
        "personas": tuple(entry for entry in document.personas if str(entry.id) not in hidden),
        "lanes": tuple(lane for lane in document.lanes if _shows_lane(projection, lane.key)),
    }
    shown: Document = _redacted(document.model_copy(update=update), projection.redact)
    hides_entries = projection != replace(EVERYTHING, redact=projection.redact)
    shown = with_references(
        shown, unnamed_clusters=not hides_entries, vocabulary_of_stages=projection.stages is None
    )
    return shown.model_copy(update={"format": format_needed(shown)})


def _stage(stage: Stage, projection: Projection, hidden: Collection[str]) -> Stage:
    shown = tuple(
        _touchpoint(point, projection, hidden)
        for point in stage.touchpoints
        if projection.back_stage or point.visibility == "front"
    )
    # Ids of elements that may be hidden ones say that there are such.
    return stage.model_copy(update={"touchpoints": shown, "continues": ()})


def _touchpoint(point: Touchpoint, projection: Projection, hidden: Collection[str]) -> Touchpoint:
    def tells(entry: object) -> bool:
        if not isinstance(entry, Statement):
            return True
        known = projection.evidence is None or entry.evidence in projection.evidence
        return known and entry.persona not in hidden

    update: dict[str, Any] = {"continues": ()}
    for lane in SHOWN_LANES:
        if entries := getattr(point, lane):
            update[lane] = _kept(entries, tells) if _shows_lane(projection, lane) else ()
    custom = {
        lane: kept
        for lane, items in point.lane_items.items()
        if _shows_lane(projection, lane) and (kept := _kept(items, tells))
    }
    return point.model_copy(update=update | {"lane_items": custom})


def _kept(entries: tuple[Any, ...], tells: Callable[[object], bool]) -> tuple[Any, ...]:
    return tuple(entry for entry in entries if tells(entry))


def _shows_lane(projection: Projection, lane: str) -> bool:
    return projection.lanes is None or lane in projection.lanes


def _hidden_personas(document: Document, projection: Projection) -> frozenset[str]:
    """The personas that are not shown, by id and by key: statements refer to them by either."""
    if projection.personas is None:
        return frozenset()
    hidden = [entry for entry in document.personas if entry.id not in projection.personas]
    return frozenset(name for entry in hidden for name in (str(entry.id), entry.key) if name)


def _transitions(document: Document, stages: tuple[Stage, ...]) -> tuple[Any, ...]:
    """Only ways between what is shown."""
    points = [point for stage in stages for point in stage.touchpoints]
    known = {name for point in points for name in (str(point.id), point.key) if name}
    return tuple(way for way in document.transitions if way.source in known and way.target in known)


def _redacted(value: Any, names: Collection[str]) -> Any:
    """Return the value with the named members of every shape in it set to what their absence is."""
    if not names:
        return value
    if isinstance(value, tuple):
        return tuple(_redacted(member, names) for member in value)
    if isinstance(value, Mapping):
        return {name: _redacted(member, names) for name, member in value.items()}
    if not isinstance(value, Shape):
        return value
    update: dict[str, Any] = {}
    for name, info in type(value).model_fields.items():
        held = getattr(value, name)
        may_go = name in names and not info.is_required() and name not in _KEPT
        fresh = info.get_default(call_default_factory=True) if may_go else _redacted(held, names)
        if fresh is not held:
            update[name] = fresh
    return value.model_copy(update=update) if update else value


def _optional(cls: type[Shape], seen: set[type[Shape]]) -> Iterator[str]:
    seen.add(cls)
    for name, info in cls.model_fields.items():
        if not info.is_required():
            yield info.alias or name
        for inner in _shapes(info.annotation):
            if inner not in seen:
                yield from _optional(inner, seen)


def _shapes(annotation: object) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes(part)
