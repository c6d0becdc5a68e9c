"""Every problem that this process can answer with: read from the classes, so that the list cannot lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import Problem


@dataclass(frozen=True, slots=True)
class Entry:
    """A code, its status, what it means in a line, and more where there is more to say."""

    status: int
    code: str
    title: str
    about: str


def problems() -> list[Entry]:
    """Return the problems of all rooms that are loaded, by status and code; each code once."""
    found: dict[str, Entry] = {}
    for cls in _below(Problem):
        about = " ".join((cls.__dict__.get("__doc__") or "").split())
        known = found.get(cls.code)
        if known is None or (about and not known.about):
            found[cls.code] = Entry(cls.status, cls.code, cls.title, about)
    return sorted(found.values(), key=lambda entry: (entry.status, entry.code))


def _below(cls: type[Problem]) -> Iterator[type[Problem]]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _below(inner)
