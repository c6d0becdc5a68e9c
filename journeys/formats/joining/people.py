"""Personas of two documents: who is who, and references spelled alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from journeys.document.diff.parts import lists_of
from journeys.document.elements import LANES

Plain = Mapping[str, Any]


def who_is_who(read: Plain, stored: Plain, *, keys: bool) -> dict[int, str]:
    """Return {index of a persona that was read: id of the stored one}: by id, else name, else key.

    `keys`: False where the format has none, and the reader made some up.
    """
    found: dict[int, str] = {}
    free = {str(persona["id"]): persona for persona in stored.get("personas", ())}
    for test in (_same_id, _same("name"), *([_same("key")] if keys else [])):
        for index, persona in enumerate(read.get("personas", ())):
            if index in found:
                continue
            own = next((own for own, other in free.items() if test(persona, other)), None)
            if own is not None:
                found[index] = own
                del free[own]
    return found


def with_final_personas(read: Plain, known: Mapping[int, str], new_id: Callable[[], UUID]) -> dict[str, Any]:
    """Return the document with an id on each persona, and each reference to one spelled by it."""
    final: dict[str, str] = {}
    personas = []
    for index, persona in enumerate(read.get("personas", ())):
        own = known.get(index) or str(persona.get("id") or new_id())
        final |= {str(name): own for name in (persona.get("key"), persona.get("id")) if name}
        personas.append({**persona, "id": own})
    stages = [
        {**stage, "touchpoints": [_spelled(inner, final) for inner in stage["touchpoints"]]}
        if "touchpoints" in stage
        else stage
        for stage in read.get("stages", ())
    ]
    whole = {**read, "personas": personas, "stages": stages}
    return {name: value for name, value in whole.items() if value != []}


def people_named(stages: Iterable[Plain]) -> set[str]:
    """Return the personas that entries of lanes name."""
    return {
        str(entry["persona"])
        for stage in stages
        for touchpoint in stage.get("touchpoints", ())
        for _, entries in lists_of(touchpoint)
        for entry in entries
        if entry.get("persona")
    }


def _spelled(touchpoint: Plain, final: Mapping[str, str]) -> dict[str, Any]:
    changed = dict(touchpoint)
    for lane in (*LANES, "emotions"):
        if lane in changed:
            changed[lane] = [_entry(entry, final) for entry in changed[lane]]
    if "lane_items" in changed:
        lanes = changed["lane_items"].items()
        changed["lane_items"] = {lane: [_entry(entry, final) for entry in held] for lane, held in lanes}
    return changed


def _entry(entry: Plain, final: Mapping[str, str]) -> Plain:
    persona = entry.get("persona")
    return {**entry, "persona": final.get(persona, persona)} if persona else entry


def _same_id(one: Plain, other: Plain) -> bool:
    return bool(one.get("id")) and str(one["id"]) == str(other["id"])


def _same(member: str) -> Callable[[Plain, Plain], bool]:
    def test(one: Plain, other: Plain) -> bool:
        name = str(one.get(member) or "").strip().casefold()
        return bool(name) and name == str(other.get(member) or "").strip().casefold()

    return test
