"""A new order of all stages and touchpoints at once: nothing is added, lost or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.errors import Issue, ValidationProblem

from .bodies import Manifest, Placed
from .elements import TOUCHPOINTS_MAX
from .pointers import pointer
from .survey import as_id


@dataclass(frozen=True, slots=True)
class StageOrder:
    """A stage by id or key, and the touchpoints that shall stand in it, by id or key.

    None: those that stand in it now and are not called elsewhere.
    """

    stage: str
    touchpoints: Sequence[str] | None = None


class InvalidOrder(ValidationProblem):
    """An element is named twice, left out, or not there; pointers are into the order, under /stages."""

    code, title = "invalid_order", "The order does not fit the draft."


def reordered(manifest: Manifest, keys: Mapping[str, UUID], order: Sequence[StageOrder]) -> Manifest:
    """Return the manifest in that order. `keys` are {key: element}. Raises InvalidOrder with every issue."""
    names = {str(placed.id): placed.id for placed in manifest.elements} | dict(keys)
    stages = {placed.id: placed for placed in manifest.elements if placed.parent is None}
    touchpoints = {placed.id: placed for placed in manifest.elements if placed.parent is not None}
    issues: list[Issue] = []
    seen: dict[UUID, str] = {}

    def found(ref: str, where: str, kind: Mapping[UUID, Placed]) -> UUID | None:
        own = names.get(as_id(ref) or ref)
        if own is None or own not in kind:
            issues.append(Issue(where, "unknown_reference", "There is no such element of this kind here."))
            return None
        if own in seen:
            issues.append(Issue(where, "duplicate", f"It stands at {seen[own]} already."))
            return None
        seen[own] = where
        return own

    wanted: list[tuple[UUID, list[UUID] | None]] = []
    for s, one in enumerate(order):
        stage = found(one.stage, pointer("stages", s, "stage"), stages)
        inner = None
        if one.touchpoints is not None:
            places = (pointer("stages", s, "touchpoints", t) for t in range(len(one.touchpoints)))
            named = [found(ref, at, touchpoints) for ref, at in zip(one.touchpoints, places, strict=True)]
            inner = [own for own in named if own is not None]
        if stage is not None:
            wanted.append((stage, inner))
    elements: list[Placed] = []
    for s, (stage, inner) in enumerate(wanted):
        own = inner if inner is not None else _left(touchpoints, stage, seen)
        if len(own) > TOUCHPOINTS_MAX:
            detail = f"A stage holds at most {TOUCHPOINTS_MAX} touchpoints."
            issues.append(Issue(pointer("stages", s, "touchpoints"), "too_many", detail))
        elements.append(stages[stage])
        elements += [replace(touchpoints[name], parent=stage) for name in own]
    placed = {one.id for one in elements}
    for lost in manifest.elements:
        if lost.id not in placed and not issues:
            issues.append(Issue("/stages", "missing", f"{lost.id} has no place in the order."))
    if issues:
        raise InvalidOrder(issues)
    return replace(manifest, elements=tuple(elements))


def _left(touchpoints: Mapping[UUID, Placed], stage: UUID, seen: Mapping[UUID, str]) -> list[UUID]:
    return [own for own, placed in touchpoints.items() if placed.parent == stage and own not in seen]
