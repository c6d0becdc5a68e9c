"""Findings: what the service noticed, and what becomes of one when the same thing is looked at again.

A finding is of one kind and one subject. Whether what it says still holds (`standing`) is one thing, what
people did about it (`state`) another: one that was closed by hand while it holds is not opened again unless
it gets worse, and one that is over is closed by itself. What comes back within REOPEN_WITHIN is the same
finding, opened again; later it is a new one. All of this is decided here, by `next_step`; no clock, no I/O.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import Literal

REOPEN_WITHIN = timedelta(hours=24)

State = Literal["open", "acknowledged", "snoozed", "closed"]
Severity = Literal["info", "warning", "critical"]
Cause = Literal["reading", "correction", "backfill", "time", "threshold", "binding", "publish", "source"]
_WEIGHT: Mapping[Cause, int] = MappingProxyType({"backfill": 0, "reading": 1, "correction": 2})
Change = Literal["opened", "reopened", "worsened", "eased", "closed", "over"]

SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "status": "a KPI is at warn or breach where it is bound; `level` says which",
        "freshness": "the next figure of a KPI is overdue by its own rhythm (level late, severity info), or "
        "the one after it as well (level stale, severity warning)",
        "source_broken": "a source fails; `affects` names the KPIs that it feeds, silent meanwhile",
        "restated": "a replay, backfill or import changed several findings at once; they are its children",
        "total_mismatch": "a total that was sent and the sum of its parts differ",
        "drift": "a stock that was counted and the one that base and flows come to differ",
    }
)
"""Kinds and what they say; more may come."""


def weightiest(causes: Iterable[Cause]) -> Cause:
    """Return why something changed that several readings changed: what is told live comes before what is
    loaded again, and a correction before new readings."""
    return max(causes, key=lambda cause: _WEIGHT.get(cause, 0))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about: a KPI's series by their canonical labels, or a source.

    labels: `series.labels.labels_key` of what a binding selects, or of one series. about: tells findings of
    one kind and series apart where several may stand side by side, e.g. a period; mostly empty.
    """

    kpi_id: uuid.UUID | None = None
    labels: str = "{}"
    source_id: uuid.UUID | None = None
    about: str = ""

    @property
    def key(self) -> str:
        """32 hex digits: equal for equal subjects."""
        text = f"{self.kpi_id}\n{self.labels}\n{self.source_id}\n{self.about}"
        return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """Something that holds now.

    level: the kind's word for how it stands (warn, breach, stale, broken …). retrospective: it was about the
    past when it was noticed. since: from when on it has been so, where that is known. facts: plain JSON
    members that tell it (value, reason …); numbers as Decimals.
    """

    kind: str
    subject: Subject
    level: str
    severity: Severity
    cause: Cause
    retrospective: bool = False
    since: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """Something that does not hold, whether or not it ever did."""

    kind: str
    subject: Subject
    cause: Cause


@dataclass(frozen=True, slots=True)
class Held:
    """A finding as stored: the one that stands, else the last of its subject.

    parent: the finding that tells of it, with its kind.
    """

    id: uuid.UUID
    state: State
    standing: bool
    level: str
    severity: Severity
    over_at: datetime | None
    parent: uuid.UUID | None = None
    parent_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a finding. opened: a new one; else the one held is changed to this."""

    change: Change
    state: State
    standing: bool


def next_step(held: Held | None, seen: Found | Over, at: datetime) -> Step | None:
    """Return what is to be done, None when what is stored says it already.

    held           found                                     over
    nothing        opened                                    –
    over           reopened within REOPEN_WITHIN, else opened  –
    standing       worsened: open again; eased: stays        closed
    closed by hand worsened: open again; eased: stays closed over, and told to nobody
    """
    if isinstance(seen, Over):
        if held is None or not held.standing:
            return None
        return Step("over" if held.state == "closed" else "closed", "closed", False)
    if held is None:
        return Step("opened", "open", True)
    if not held.standing:
        recent = held.over_at is not None and at - held.over_at <= REOPEN_WITHIN
        return Step("reopened" if recent else "opened", "open", True)
    if held.level == seen.level:
        return None
    if SEVERITIES.index(seen.severity) > SEVERITIES.index(held.severity):
        return Step("worsened", "open", True)
    return Step("eased", held.state, True)
