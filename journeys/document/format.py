"""Formats of the document, which only grow.

A member that format N brings carries `Since(N)`. A document needs the highest format among the members
that it fills; that number is written into it. So a client that knows only format 1 can read, change and
send back whatever needs no more. A typed client stops at a higher number (the schema lists those it knows),
and a PUT that names a lower one than the stored document needs can be refused by name (`lost_by`): it
would erase what its writer has never heard of.

A breaking change would be a function in `UPCASTERS` from the raw document of format N to N + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from .base import Shape, Since
from .pointers import pointer
from .shape import FORMAT

Upcaster = Callable[[Mapping[str, Any]], Mapping[str, Any]]

UPCASTERS: dict[int, Upcaster] = {}
"""From format N to N + 1, where the two differ by more than added members. Format 1 is the first."""


def needs_format(shape: Shape) -> dict[str, int]:
    """Return {pointer: format} for each filled member that format 1 does not have."""
    return dict(_newer(shape, ""))


def format_needed(shape: Shape) -> int:
    """Return the lowest format that has all members that the document or part fills; 1 for most."""
    return _highest(shape)


def lost_by(stored: Shape, sent_format: int) -> dict[str, int]:
    """Return {pointer: format} of what a writer of `sent_format` would erase from a document or part."""
    return {where: needed for where, needed in needs_format(stored).items() if needed > sent_format}


def upcast(
    raw: Mapping[str, Any],
    from_format: int,
    *,
    to: int = FORMAT,
    upcasters: Mapping[int, Upcaster] = UPCASTERS,
) -> Mapping[str, Any]:
    """Return the raw document in the words of format `to`. Formats that only added members need no step."""
    for number in range(from_format, to):
        if step := upcasters.get(number):
            raw = step(raw)
    return raw


@dataclass(frozen=True, slots=True)
class _Member:
    """A member that is younger than format 1, or that holds something which is."""

    name: str
    shown: str
    default: object
    format: int
    leads_on: bool


def _highest(shape: Shape) -> int:
    """The highest number that `_newer` would tell, without the places: asked of every part at every save."""
    highest = 1
    held = shape.__dict__
    for member in _plan(type(shape)):
        value = held[member.name]
        if value is member.default or value == member.default:
            continue
        if member.format > highest:
            highest = member.format
        if not member.leads_on:
            continue
        for inner in _shapes_in(value):
            found = _highest(inner)
            if found > highest:
                highest = found
    return highest


def _shapes_in(value: object) -> Iterable[Shape]:
    """Return the shapes that a member holds: itself, in a row, or in rows by name."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Shape):
        return (value,)
    if isinstance(value, Mapping):
        return [inner for row in value.values() for inner in _shapes_in(row)]
    return ()


def _newer(shape: Shape, prefix: str) -> Iterator[tuple[str, int]]:
    for member in _plan(type(shape)):
        value = getattr(shape, member.name)
        if value == member.default:
            continue
        where = prefix + member.shown
        if member.format > 1:
            yield where, member.format
        if member.leads_on:
            yield from _within(value, where)


def _within(value: object, where: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Shape):
        yield from _newer(value, where)
    elif isinstance(value, tuple):
        for index, member in enumerate(value):
            yield from _within(member, f"{where}/{index}")
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _within(member, where + pointer(name))


@cache
def _plan(cls: type[Shape]) -> tuple[_Member, ...]:
    """Return the members worth a look. Found once per class: documents are walked at every save."""
    found = []
    for name, info in cls.model_fields.items():
        brought = max((note.format for note in info.metadata if isinstance(note, Since)), default=1)
        leads_on = any(_plan(inner) for inner in _shapes(info.annotation))
        if brought > 1 or leads_on:
            shown = pointer(info.alias or name)
            found.append(_Member(name, shown, info.get_default(), brought, leads_on))
    return tuple(found)


def _shapes(annotation: object) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    for part in get_args(annotation):
        yield from _shapes(part)
