"""What a finding said at an instant, folded from the lines of its history up to then. No clock, no I/O.

All that a finding says changes with a line of its history, and nothing is known of it before: what was true
of it at an instant and what was known then are one and the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

_HOLDS = ("opened", "reopened", "worsened", "eased")
_IS_OVER = ("closed", "over", "ended")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a finding's history, as FindingChange says. cause: "" where somebody did it."""

    change: str
    state: str
    level: str
    severity: str
    cause: str
    snoozed_until: datetime | None
    parent: uuid.UUID | None
    facts: Mapping[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Was:
    """What a finding said. over_at, closed_at: when it held no more, and when it was closed last, by then."""

    state: str
    standing: bool
    level: str
    severity: str
    cause: str
    facts: Mapping[str, Any]
    parent: uuid.UUID | None
    snoozed_until: datetime | None
    over_at: datetime | None
    closed_at: datetime | None
    changed_at: datetime


def was(kind: str, lines: Iterable[Line]) -> Was | None:
    """Return what the lines, oldest first, come to; None without any: it was not opened yet."""
    found: Was | None = None
    for line in lines:
        before = found or _before(line)
        found = replace(
            before,
            state=line.state,
            level=line.level,
            severity=line.severity,
            cause=line.cause or before.cause,
            facts=before.facts if line.facts is None else line.facts,
            parent=line.parent,
            snoozed_until=(line.snoozed_until or before.snoozed_until) if line.state == "snoozed" else None,
            closed_at=(before.closed_at or line.at) if line.state == "closed" else None,
            changed_at=line.at,
        )
        if kind != "restated" and line.cause:
            if line.change in _HOLDS:
                found = replace(found, standing=True, over_at=None)
            elif line.change in _IS_OVER:
                found = replace(found, standing=False, over_at=line.at)
    return found


def _before(line: Line) -> Was:
    """What is `restated` is over at once: it gathers what was noticed, and holds itself no longer."""
    return Was(
        state=line.state,
        standing=False,
        level=line.level,
        severity=line.severity,
        cause=line.cause,
        facts={},
        parent=None,
        snoozed_until=None,
        over_at=line.at,
        closed_at=None,
        changed_at=line.at,
    )
