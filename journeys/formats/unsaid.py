"""What a document holds beyond what a format can say, member by member."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from journeys.document.base import Shape
from journeys.document.pointers import pointer
from journeys.document.shape import Document

from .base import Notice

STRUCTURE = frozenset({"format", "stages", "touchpoints"})
"""Members that hold the others; what stands inside them is told by itself."""


def unsaid(
    document: Document,
    *,
    root: Collection[str],
    stage: Collection[str],
    touchpoint: Collection[str],
) -> Iterator[Notice]:
    """Yield a notice for each filled member that is not among those the format says.

    `id` of stages and touchpoints is one of them; that the service minted it makes no difference.
    """
    yield from _members(document, "", root)
    for s, own in enumerate(document.stages):
        where = pointer("stages", s)
        yield from _members(own, where, stage)
        for t, inner in enumerate(own.touchpoints):
            yield from _members(inner, where + pointer("touchpoints", t), touchpoint)


def unsaid_in_entries(document: Document, said: Collection[str]) -> Iterator[Notice]:
    """Yield a notice for each filled member of an entry of a lane that is not among those the format says."""
    for s, stage in enumerate(document.stages):
        for t, touchpoint in enumerate(stage.touchpoints):
            for path, entries in touchpoint.lanes():
                where = pointer("stages", s, "touchpoints", t, *path)
                for index, entry in enumerate(entries):
                    yield from _members(entry, where + pointer(index), said)


def unsaid_in_personas(document: Document, said: Collection[str]) -> Iterator[Notice]:
    """Yield a notice for each filled member of a persona that is not among those the format says."""
    for index, persona in enumerate(document.personas):
        yield from _members(persona, pointer("personas", index), said)


def lost(place: str, code: str, detail: str) -> Notice:
    """Return the notice of something that is said in part, or not at all."""
    return Notice(place, "lossy", code, detail)


def _members(shape: Shape, where: str, said: Collection[str]) -> Iterator[Notice]:
    for name, info in type(shape).model_fields.items():
        if name in said or name in STRUCTURE:
            continue
        value = getattr(shape, name)
        if value == info.get_default(call_default_factory=True):
            continue
        count = f" ({len(value)})" if isinstance(value, tuple) else ""
        yield lost(where + pointer(info.alias or name), "not_said", f"`{name}`{count} has no place there.")
