"""What two sides disagree on, and what somebody decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from journeys.document.diff import Kind, Part

Side = Literal["ours", "theirs", "base"]

PRESENCE, PLACE = "presence", "place"
"""What a conflict is about where it is no member: whether the thing is there, and where it stands."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one thing, each to something else. None stands for absence in all three values.

    `field` is a member, as changes spell it, or `presence` (one removed what the other changed, or needs;
    the values are the contents), or `place` (both moved it; the values are places).
    """

    kind: Kind
    id: str
    name: str
    field: str
    base: Any
    ours: Any
    theirs: Any

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.id, self.field


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is decided about one conflict: a side whose value is taken, or (of a member) another value."""

    kind: str
    id: str
    field: str
    take: Side | None = None
    value: Any = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.id, self.field


class UnknownResolution(LookupError):
    """A resolution names a thing that no side has; `index` is its place in the list."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__(index)


class Decisions:
    """Takes conflicts as they are found and tells what to go on with: ours, where nobody decided yet."""

    def __init__(self, resolutions: Iterable[Resolution]) -> None:
        self._by_key: Mapping[tuple[str, str, str], Resolution] = {one.key: one for one in resolutions}
        self._met: dict[tuple[str, str, str], Conflict] = {}

    def side(self, conflict: Conflict) -> Side:
        """Return the side that is taken in a conflict of presence or place."""
        self._met[conflict.key] = conflict
        found = self._by_key.get(conflict.key)
        return found.take if found and found.take else "ours"

    def value(self, conflict: Conflict) -> Any:
        """Return the value of a member in conflict."""
        self._met[conflict.key] = conflict
        found = self._by_key.get(conflict.key)
        if found is None:
            return conflict.ours
        return getattr(conflict, found.take) if found.take else found.value

    def open_conflicts(self) -> tuple[Conflict, ...]:
        """Return what nobody decided. A decision that another made needless is passed over."""
        return tuple(found for key, found in self._met.items() if key not in self._by_key)


def conflict_of(part: Part, field: str, base: Any, ours: Any, theirs: Any) -> Conflict:
    return Conflict(part.kind, part.id, part.name, field, base, ours, theirs)
