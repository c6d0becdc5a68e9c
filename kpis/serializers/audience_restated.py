"""What became of a snapshot's figures since: those that are known otherwise now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from kpis.queries.audience import Subject
from kpis.queries.audience_map import seen_map
from kpis.queries.live_map import LiveMap
from kpis.serializers.live_marks import mark_of
from kpis.serializers.live_read import Entry, groups, read_live
from service.kept import Kept

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as it was, or is, known; `text` as displayed."""

    value: Decimal | None
    n: int | None
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure of a snapshot that is known otherwise now; `now` None: it is not shown any more."""

    binding: str
    element: uuid.UUID | None
    label: str
    was: Told
    now: Told | None


_found: Kept[tuple[uuid.UUID, int, int], tuple[Restated, ...]] = Kept(4096)


def restated(workspace_id: uuid.UUID, subject: Subject, then: LiveMap | None = None) -> tuple[Restated, ...]:
    """Return the figures of a snapshot that differ from what is known of its instant now.

    then: what the snapshot shows, where the caller has it. Worked out once per revision of map and view.
    """
    assert subject.pinned is not None
    head = subject.view.head
    key = subject.id, subject.row_version, head.live_revision
    if (found := _found.get(key)) is not None:
        return found
    now = replace(subject.pinned, known_at=None)
    args = workspace_id, subject.view.id, head
    before = then or seen_map(*args, subject.pinned, subject.shows, dated=False).live
    after = seen_map(*args, now, subject.shows, dated=False).live
    return _found.put(key, _compared(before, after))


def said(found: Sequence[Restated]) -> tuple[str, ...]:
    """Return the line that stands on a snapshot's face; none where its figures still hold."""
    if not found:
        return ()
    one = len(found) == 1
    lead = f"{len(found)} {'figure was' if one else 'figures were'} restated since"
    named = [
        f"{each.label} {each.was.text} → {each.now.text if each.now else '–'}" for each in found[:_NAMED]
    ]
    more = " …" if len(found) > _NAMED else ""
    return (f"{lead}: {'; '.join(named)}{more}",)


def restated_out(one: Restated) -> dict[str, Any]:
    def told(figure: Told) -> dict[str, Any]:
        return {"value": figure.value, "n": figure.n, "status": figure.status}

    return {
        "binding": one.binding,
        "element": one.element,
        "name": one.label,
        "was": told(one.was),
        "now": None if one.now is None else told(one.now),
    }


def _compared(before: LiveMap, after: LiveMap) -> tuple[Restated, ...]:
    now = _entries(after)
    found = []
    for binding, (element, entry) in _entries(before).items():
        was = _told(element, entry)
        there = now.get(binding)
        current = _told(*there) if there else None
        if current is None or (was.value, was.n, was.status) != (current.value, current.n, current.status):
            found.append(Restated(binding, element, mark_of(element, entry).label, was, current))
    return tuple(found)


def _entries(live: LiveMap) -> dict[str, tuple[uuid.UUID | None, Entry]]:
    found = read_live(b"{" + live.part + b"}")
    return {entry.binding: (element, entry) for element, group in groups(found) for entry in group.kpis}


def _told(element: uuid.UUID | None, entry: Entry) -> Told:
    return Told(entry.value, entry.n, entry.status, mark_of(element, entry).value or "–")
