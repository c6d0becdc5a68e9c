"""Ids: given to what has none, and put in the place of keys wherever one thing names another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from .elements import Element, Entry, Touchpoint, Transition
from .personas import PersonaEntry
from .shape import Document

NewId = Callable[[], UUID]


def with_ids(document: Document, new_id: NewId) -> Document:
    """Return the document with an id on every stage, touchpoint, persona and entry of a lane.

    Ids that are there stay; references by key become ids. The same object comes back if nothing was missing.
    """

    def entry(old: Entry) -> Entry:
        return old if old.id else old.model_copy(update={"id": new_id()})

    def touchpoint(old: Touchpoint) -> Touchpoint:
        named = old if old.id else old.model_copy(update={"id": new_id()})
        return named.with_entries(entry)

    personas = tuple(p if p.id else p.model_copy(update={"id": new_id()}) for p in document.personas)
    stages = []
    for stage in document.stages:
        named = stage if stage.id else stage.model_copy(update={"id": new_id()})
        inner = tuple(map(touchpoint, stage.touchpoints))
        stages.append(
            named if _same(inner, stage.touchpoints) else named.model_copy(update={"touchpoints": inner})
        )
    changed: dict[str, object] = {}
    if not _same(personas, document.personas):
        changed["personas"] = personas
    if not _same(stages, document.stages):
        changed["stages"] = tuple(stages)
    return resolve(document.model_copy(update=changed) if changed else document)


def resolve(document: Document) -> Document:
    """Return the document with references spelled as ids, as far as what they name has one.

    References are those of transitions to touchpoints, and of entries of lanes to personas.
    """
    touchpoints = _names(document.touchpoints())
    personas = _names(document.personas)

    def entry(old: Entry) -> Entry:
        ref = getattr(old, "persona", "")
        spelled = _spell(ref, personas)
        return old if spelled == ref else old.model_copy(update={"persona": spelled})

    def way(old: Transition) -> Transition:
        source, target = _spell(old.source, touchpoints), _spell(old.target, touchpoints)
        if (source, target) == (old.source, old.target):
            return old
        return old.model_copy(update={"source": source, "target": target})

    stages = []
    for stage in document.stages:
        inner = tuple(touchpoint.with_entries(entry) for touchpoint in stage.touchpoints)
        stages.append(
            stage if _same(inner, stage.touchpoints) else stage.model_copy(update={"touchpoints": inner})
        )
    ways = tuple(map(way, document.transitions))
    changed: dict[str, object] = {}
    if not _same(stages, document.stages):
        changed["stages"] = tuple(stages)
    if not _same(ways, document.transitions):
        changed["transitions"] = ways
    return document.model_copy(update=changed) if changed else document


def persona_references(document: Document) -> tuple[UUID, ...]:
    """Return the ids of the personas that the document only refers to, in its order."""
    return tuple(p.id for p in document.personas if p.is_reference and p.id is not None)


def _names(named: Iterable[Element | PersonaEntry]) -> dict[str, str]:
    names: dict[str, str] = {}
    for thing in named:
        if thing.id is not None:
            names[str(thing.id)] = str(thing.id)
            if thing.key:
                names[thing.key] = str(thing.id)
    return names


def _spell(ref: str, names: Mapping[str, str]) -> str:
    if not ref or ref in names:
        return names.get(ref, ref)
    try:
        return names.get(str(UUID(ref)), ref)
    except ValueError:
        return ref


def _same(new: Iterable[object], old: Iterable[object]) -> bool:
    return all(a is b for a, b in zip(new, old, strict=True))
