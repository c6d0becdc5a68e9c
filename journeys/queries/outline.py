"""The outline of a stored document: who stands where, read without the rest."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import msgspec

Kinds = dict[uuid.UUID, str]


class _Touchpoint(msgspec.Struct):
    id: uuid.UUID
    name: str
    key: str = ""
    continues: tuple[uuid.UUID, ...] = ()


class _Stage(msgspec.Struct):
    id: uuid.UUID
    name: str
    key: str = ""
    continues: tuple[uuid.UUID, ...] = ()
    touchpoints: tuple[_Touchpoint, ...] = ()


class Outline(msgspec.Struct):
    """Stages and touchpoints with id, key, name and what they continue."""

    name: str
    format: int = 1
    stages: tuple[_Stage, ...] = ()

    def elements(self) -> Iterator[tuple[str, _Stage | _Touchpoint]]:
        """Yield (kind, element), each stage followed by its touchpoints, in the order drawn."""
        for stage in self.stages:
            yield "stage", stage
            for touchpoint in stage.touchpoints:
                yield "touchpoint", touchpoint

    def kinds(self) -> Kinds:
        """Return {element id: stage | touchpoint} in the order drawn."""
        return {element.id: kind for kind, element in self.elements()}

    def continuations(self) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
        """Return {earlier element: the elements that continue it, in the order drawn}."""
        found: dict[uuid.UUID, tuple[uuid.UUID, ...]] = {}
        for _, element in self.elements():
            for earlier in element.continues:
                found[earlier] = (*found.get(earlier, ()), element.id)
        return found

    def named(self, ref: str) -> uuid.UUID | None:
        """Return the id of the element with this key, None where there is none."""
        return next((element.id for _, element in self.elements() if ref and element.key == ref), None)


_decoder = msgspec.json.Decoder(Outline)


def outline(document: bytes) -> Outline:
    """Read the outline of canonical bytes."""
    return _decoder.decode(document)
