"""What changed between two documents, element by element.

Identity is the id: an element that moves or is renamed stays itself, and what continues another is told
by its `continues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from .canonical import to_plain
from .elements import Element
from .shape import Document

Kind = Literal["stage", "touchpoint"]
Verb = Literal["added", "removed", "moved", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Standing:
    """An element in its document: kind, the stage it stands in (None for a stage), index among siblings."""

    id: UUID
    kind: Kind
    parent: UUID | None
    index: int
    element: Element


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different. `field`, `before` and `after` are plain values:

    added and removed carry the element's name; moved carries {"parent", "index"}; renamed the names;
    changed one member, its old and new value (None where it is absent).
    """

    verb: Verb
    kind: Kind
    id: UUID
    field: str = ""
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Succession:
    """What becomes of elements in a new document: there as before; continued by others; gone."""

    kept: tuple[UUID, ...]
    carried: Mapping[UUID, tuple[UUID, ...]]
    orphaned: tuple[UUID, ...]


def elements_of(document: Document) -> dict[UUID, Standing]:
    """Return every element by its id, stages before their touchpoints, in the order drawn.

    The document must have ids (`with_ids`).
    """
    found: dict[UUID, Standing] = {}
    for s, stage in enumerate(document.stages):
        own = _id(stage)
        found[own] = Standing(own, "stage", None, s, stage)
        for t, touchpoint in enumerate(stage.touchpoints):
            inner = _id(touchpoint)
            found[inner] = Standing(inner, "touchpoint", own, t, touchpoint)
    return found


def continuations(document: Document) -> dict[UUID, tuple[UUID, ...]]:
    """Return {earlier element: elements that continue it, in the order drawn}.

    One that is renamed has one successor, one that is split several; merged ones share theirs.
    """
    found: dict[UUID, tuple[UUID, ...]] = {}
    for element in document.elements():
        for earlier in element.continues:
            found[earlier] = (*found.get(earlier, ()), _id(element))
    return found


def succession(earlier: Iterable[UUID], document: Document) -> Succession:
    """Return what the document makes of these earlier elements. An element that is still there is kept,
    also where another says that it continues it (a split that leaves the old one standing)."""
    there, successors = elements_of(document), continuations(document)
    kept, orphaned, carried = [], [], {}
    for name in earlier:
        if name in there:
            kept.append(name)
        elif name in successors:
            carried[name] = successors[name]
        else:
            orphaned.append(name)
    return Succession(tuple(kept), carried, tuple(orphaned))


def changes(old: Document, new: Document) -> list[Change]:
    """Return the changes of elements from `old` to `new`: first what went, then the rest in new order.

    Moved means another stage, or another place among the siblings that both documents have: what stands
    next to an insertion has not moved. Both documents must have ids.
    """
    before, after = elements_of(old), elements_of(new)
    found = [
        Change("removed", gone.kind, name, before=gone.element.name)
        for name, gone in before.items()
        if name not in after
    ]
    moved = _moved(before, after)
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            found.append(Change("added", now.kind, name, after=now.element.name))
            continue
        if name in moved:
            places = [{"parent": at.parent, "index": at.index} for at in (was, now)]
            found.append(Change("moved", now.kind, name, before=places[0], after=places[1]))
        found += _fields(was, now)
    return found


def _fields(was: Standing, now: Standing) -> list[Change]:
    if was.element == now.element:
        return []
    old, new = to_plain(was.element), to_plain(now.element)
    found = []
    for name in type(now.element).model_fields:
        if name in ("id", "touchpoints") or old.get(name) == new.get(name):
            continue
        verb: Verb = "renamed" if name == "name" else "changed"
        found.append(Change(verb, now.kind, now.id, name, old.get(name), new.get(name)))
    return found


def _moved(before: Mapping[UUID, Standing], after: Mapping[UUID, Standing]) -> set[UUID]:
    moved = {name for name, now in after.items() if name in before and before[name].parent != now.parent}
    stayed: dict[UUID | None, list[UUID]] = {}
    for name, now in after.items():
        if name in before and name not in moved:
            stayed.setdefault(now.parent, []).append(name)
    for siblings in stayed.values():
        still = _longest_rise([before[name].index for name in siblings])
        moved |= {name for place, name in enumerate(siblings) if place not in still}
    return moved


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Return the positions of a longest increasing run (not contiguous): the fewest that have to move."""
    runs: list[tuple[int, ...]] = [()]
    for place, number in enumerate(numbers):
        longest: tuple[int, ...] = ()
        for run in runs:
            if len(run) > len(longest) and numbers[run[-1]] < number:
                longest = run
        runs.append((*longest, place))
    best = max(runs, key=len)
    return set(best)


def _id(element: Element) -> UUID:
    if element.id is None:
        raise ValueError(f"{element.name!r} has no id: call with_ids first")
    return element.id
