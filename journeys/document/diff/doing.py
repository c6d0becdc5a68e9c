"""Changes done: the document that they make of another, and the patch that does the same by RFC 6902."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .changes import Change
from .parts import Plain
from .workbench import Operation, Workbench

# What a thing stands in is there before it.
_RANK: Mapping[str, int] = {"persona": 0, "lane": 1, "stage": 2, "touchpoint": 3, "transition": 5}
_ENTRY = 4


def apply(changes: Iterable[Change], old: Plain) -> dict[str, Any]:
    """Return what the changes make of `old`: `apply(diff(a, b), a) == b`. `old` stays as it is."""
    return _done(changes, old).document


def json_patch(changes: Iterable[Change], old: Plain) -> list[Operation]:
    """Return the operations of RFC 6902 that do the same: moves are moves, members are told one by one."""
    return _done(changes, old).operations


def _done(changes: Iterable[Change], old: Plain) -> Workbench:
    bench, todo = Workbench(old), sorted(changes, key=_turn)
    placed = [change for change in todo if change.verb in ("added", "moved")]
    gone = [change for change in todo if change.verb == "removed"]
    for change in (*placed, *gone):
        if change.source is not None:
            bench.expect_to_leave(change.id, change.source)
    for change in placed:
        assert change.target is not None
        if change.source is None:
            bench.insert(change.id, change.target, change.after)
        else:
            bench.move(change.id, change.source, change.target)
    for change in reversed(gone):
        assert change.source is not None
        bench.remove(change.id, change.source)
    bench.drop_empty()
    bench.set_fields(
        ((change.kind, change.id), change.field, change.after)
        for change in todo
        if change.verb in ("renamed", "changed")
    )
    return bench


def _turn(change: Change) -> tuple[int, int]:
    """What holds others first; in one list, by the index in the end (of what is gone, in the beginning)."""
    place = change.target or change.source
    return _RANK.get(change.kind, _ENTRY), place.index if place else 0
