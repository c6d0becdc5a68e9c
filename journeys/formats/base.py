"""What every format answers: maps read from foreign bytes, and bytes written from a document.

A reader never raises for what somebody wrote: it says what it could not take, with the place that the
author would look at (`line 12`, `Sheet1!C4`, `/CJML/actualJourney`), and reads the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from journeys.document.shape import Document

Weight = Literal["invalid", "lossy", "note"]
"""invalid: not taken, the import is refused; lossy: taken in part or left out; note: taken, worth a look."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing about the bytes. place: where its author would look. code: a slug that clients read."""

    place: str
    weight: Weight
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadMap:
    """One map as it was read.

    place: where it stands in the bytes (a sheet's name), empty where the bytes are one map. raw: the document
    as plain JSON, ids only where the format carries them; None when it cannot be read at all. items: how many
    things were taken. guessed: what the reader decided by itself, in the words of its options, so that it can
    be sent back with changes. places: {JSON Pointer into raw: place}, so that what validation refuses is told
    where its author wrote it; the longest pointer that leads to a breach counts. whole: True where the bytes
    say all that a document can: laid over another, what they lack is gone, and not just unsaid.
    """

    place: str
    raw: Mapping[str, Any] | None
    items: int
    notices: tuple[Notice, ...] = ()
    guessed: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A document in a format. losses: what the format cannot say, by place in the document (JSON Pointer)."""

    content: bytes
    losses: tuple[Notice, ...] = ()


def unknown_options(options: Mapping[str, Any], known: Iterable[str]) -> tuple[Notice, ...]:
    """Return a notice of weight invalid for each option that the format does not have."""
    names = tuple(known)
    has = f"It has {', '.join(names)}." if names else "It has none."
    return tuple(
        Notice("options", "invalid", "unknown_option", f"There is no option {name[:80]!r}. {has}")
        for name in options
        if name not in names
    )


class Reader(Protocol):
    """Read the maps in some bytes. An option that it lacks is a notice of weight invalid at `options`."""

    def __call__(self, raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]: ...


class Writer(Protocol):
    """Write a document that has ids."""

    def __call__(self, document: Document) -> Written: ...
