"""One walk over a raw document of unproved shape: what stands where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .elements import LANES
from .pointers import pointer

Raw = Mapping[str, Any]
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Found:
    """A JSON object and the pointer to it."""

    pointer: str
    raw: Raw


@dataclass(slots=True)
class Survey:
    """Everything in the document that can bear an id or a key, and who goes by which name."""

    stages: list[Found] = field(default_factory=list)
    touchpoints: list[Found] = field(default_factory=list)
    elements: list[Found] = field(default_factory=list)
    personas: list[Found] = field(default_factory=list)
    lanes: list[Found] = field(default_factory=list)
    entries: list[Found] = field(default_factory=list)
    emotions: list[Found] = field(default_factory=list)
    stage_names: dict[str, str] = field(default_factory=dict)
    touchpoint_names: dict[str, str] = field(default_factory=dict)
    persona_names: dict[str, str] = field(default_factory=dict)

    def knows_persona(self, ref: str) -> bool:
        return ref in self.persona_names or as_id(ref) in self.persona_names

    def knows_stage(self, ref: str) -> bool:
        return ref in self.stage_names or as_id(ref) in self.stage_names

    def touchpoint_of(self, ref: str) -> str | None:
        """Return the pointer to the touchpoint of that id or key, None where there is none."""
        return self.touchpoint_names.get(ref) or self.touchpoint_names.get(as_id(ref) or "")


def as_id(value: object) -> str | None:
    """Return a UUID's canonical spelling, None where the value is not one."""
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        return None
    if len(value) == _UUID_LENGTH and value[8] == value[13] == value[18] == value[23] == "-":
        return value.lower()
    try:
        return str(UUID(value))
    except ValueError:
        return None


def objects(holder: Raw, name: str, prefix: str = "") -> Iterator[tuple[str, Raw]]:
    """Yield (pointer, object) for the objects in the array that the holder has under that name."""
    values = holder.get(name)
    if isinstance(values, list | tuple):
        where = prefix + pointer(name)
        for index, value in enumerate(values):
            if isinstance(value, Mapping):
                yield f"{where}/{index}", value


def strings(holder: Raw, name: str) -> list[object]:
    """Return the array under that name as it is, empty where there is none."""
    values = holder.get(name)
    return list(values) if isinstance(values, list | tuple) else []


def survey(raw: Raw) -> Survey:
    """Walk the document once."""
    seen = Survey()
    seen.lanes = [Found(*found) for found in objects(raw, "lanes")]
    seen.personas = [Found(*found) for found in objects(raw, "personas")]
    for persona in seen.personas:
        _name(seen.persona_names, persona)
    for where, stage in objects(raw, "stages"):
        found = Found(where, stage)
        seen.stages.append(found)
        seen.elements.append(found)
        _name(seen.stage_names, found)
        for place, touchpoint in objects(stage, "touchpoints", where):
            inner = Found(place, touchpoint)
            seen.touchpoints.append(inner)
            seen.elements.append(inner)
            _name(seen.touchpoint_names, inner)
            _entries(seen, inner)
    return seen


def _name(names: dict[str, str], found: Found) -> None:
    for name in (as_id(found.raw.get("id")), found.raw.get("key")):
        if isinstance(name, str) and name:
            names.setdefault(name, found.pointer)


def _entries(seen: Survey, touchpoint: Found) -> None:
    for lane in LANES:
        if lane in touchpoint.raw:
            seen.entries.extend(Found(*found) for found in objects(touchpoint.raw, lane, touchpoint.pointer))
    custom = touchpoint.raw.get("lane_items")
    if isinstance(custom, Mapping):
        for lane in custom:
            where = touchpoint.pointer + pointer("lane_items")
            for place, item in objects(custom, str(lane), where):
                seen.entries.append(Found(place, item))
    emotions = [Found(*found) for found in objects(touchpoint.raw, "emotions", touchpoint.pointer)]
    seen.emotions.extend(emotions)
    seen.entries.extend(emotions)
