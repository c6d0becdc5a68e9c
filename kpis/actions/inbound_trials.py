"""Stored messages read to see what that would change: by the rules of now, or by some that are not saved.

A trial does the real thing inside a savepoint, compares every figure that it touched, and rolls back: what
it shows is what a replay does. It is bounded; a replay for good (kpis.actions.inbound_replays) is not.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from kpis.actions.feedback import Outcome
from kpis.actions.inbound_following import Asked, Brought, look_at_all
from kpis.actions.inbound_ledger import lock_claims
from kpis.actions.inbound_reading import Read, Rules, found_in, read_events
from kpis.actions.inbound_said import say
from kpis.connectors import PullFailed
from kpis.connectors.mapping import Extract
from kpis.models.inbound import InboundEndpoint, InboundEvent
from kpis.queries import points_kpi
from kpis.queries.definitions import accepting, kpi
from kpis.queries.points_kpi import Question
from kpis.series.point import Point
from service.errors import Issue, ValidationProblem

MOST_TRIED = 500
MOST_IMPACT = 500
MOST_POINTS = 1000
MOST_ASKED = 20
Address = tuple[uuid.UUID, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Impact:
    """A period of a KPI whose figure differs. start: None where the KPI has no periods."""

    kpi: uuid.UUID
    key: str | None
    labels: Mapping[str, str]
    start: datetime | None
    end: datetime
    before: Decimal | None
    after: Decimal | None
    n_before: int | None
    n_after: int | None


class _Undone(Exception):
    """Carries a dry run out of its savepoint."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A message as it would be read. said: what people said in it, as it would be recorded."""

    event: InboundEvent
    read: Read
    followed: Sequence[str]
    said: Sequence[Outcome] = ()


@dataclass(slots=True)
class Trial:
    """Messages to be tried, oldest first. brought: by message what they led to beside what they keep."""

    endpoint: InboundEndpoint
    events: Sequence[InboundEvent]
    rules: Rules | None
    brought: dict[uuid.UUID, Brought] = field(default_factory=dict)

    def found(self) -> list[tuple[InboundEvent, Extract]]:
        """Return what the rules find in the messages, and what stands in their way."""
        found = []
        for event in self.events:
            came = self.brought.get(event.id)
            more = None if isinstance(came, PullFailed) else came
            one = found_in(event, self.endpoint, self.rules or self.endpoint.rules, more)
            for url in one.leads:
                why = f": {came}" if isinstance(came, PullFailed) else " yet."
                one.name("/follow", "not_followed", f"{url} was not fetched{why}")
            found.append((event, one))
        return found

    def ask(self, at: datetime) -> None:
        """Fetch what the messages lead to and do not keep, of the first few. Not in a transaction."""
        left = MOST_ASKED
        asked: dict[uuid.UUID, Asked] = {}
        for event, found in self.found():
            if found.leads and len(found.leads) <= left:
                asked[event.id] = Asked(self.endpoint, found.leads)
                left -= len(found.leads)
        if asked:
            self.brought = dict(zip(asked, look_at_all(list(asked.values()), at=at), strict=True))


def choose(
    *, endpoint: InboundEndpoint, events: QuerySet[InboundEvent, InboundEvent], rules: Rules | None
) -> Trial:
    """Return the messages to be tried by `rules` (the endpoint's when None).

    Raises ValidationProblem for more than can be tried at once.
    """
    verified = events.filter(request__isnull=True, body_gone_at=None).defer(None)
    chosen = list(verified.order_by("created_at", "id")[: MOST_TRIED + 1])
    if len(chosen) > MOST_TRIED:
        detail = f"At most {MOST_TRIED} messages can be tried at once: narrow it by since and until."
        raise ValidationProblem([Issue("/filter", "too_many_events", detail)])
    return Trial(endpoint, chosen, rules)


def try_rules(trial: Trial, *, at: datetime) -> tuple[list[Tried], list[Impact]]:
    """Read the messages and undo it; return what each came to, and the figures that would be others.

    In the caller's transaction.
    """
    endpoint, found = trial.endpoint, trial.found()
    said = _said(trial, found, at)
    reads: list[Read] = []
    after: dict[Address, Sequence[Point]] = {}
    version = endpoint.rules_version + (trial.rules is not None)
    try:
        with transaction.atomic():
            lock_claims(endpoint.workspace_id, endpoint.id)
            # At one stroke, however many they are: whoever records locks once, in one order.
            reads = read_events(endpoint=endpoint, events=found, rules_version=version, at=at)
            touched = _touched(endpoint.workspace_id, reads)
            after = _points(endpoint.workspace_id, touched, at)
            raise _Undone
    except _Undone:
        before = _points(endpoint.workspace_id, after, at)
    tried = [
        Tried(event, read, one.followed, said.get(event.id, ()))
        for (event, one), read in zip(found, reads, strict=True)
    ]
    return tried, list(_impact(endpoint.workspace_id, before, after))[:MOST_IMPACT]


def _said(
    trial: Trial, found: Sequence[tuple[InboundEvent, Extract]], at: datetime
) -> Mapping[uuid.UUID, Sequence[Outcome]]:
    """Record what people said, by itself as workers do, and undo it."""
    said: Mapping[uuid.UUID, Sequence[Outcome]] = {}
    try:
        with transaction.atomic():
            said = say(found, endpoint_id=trial.endpoint.id, at=at)
            raise _Undone
    except _Undone:
        return said


def _touched(workspace_id: uuid.UUID, reads: Iterable[Read]) -> list[Address]:
    items = [item for read in reads for item in read.items]
    takers = accepting(workspace_id, {item.kpi for item in items})
    found = {
        (takers[item.kpi].kpi.kpi_id, tuple(sorted(item.labels.items())))
        for item in items
        if item.kpi in takers
    }
    return sorted(found)


def _points(
    workspace_id: uuid.UUID, touched: Iterable[Address], at: datetime
) -> dict[Address, Sequence[Point]]:
    found: dict[Address, Sequence[Point]] = {}
    for kpi_id, labels in touched:
        row = kpi(workspace_id, str(kpi_id))
        asked = Question(dict(labels), None, None, MOST_POINTS, at, None)
        found[kpi_id, labels] = points_kpi.course_of(row, points_kpi.meaning_then(row, asked), asked).points
    return found


def _impact(
    workspace_id: uuid.UUID,
    before: Mapping[Address, Sequence[Point]],
    after: Mapping[Address, Sequence[Point]],
) -> Iterator[Impact]:
    for address, points in after.items():
        kpi_id, labels = address
        was = {(point.start, point.end): point for point in before[address]}
        now = {(point.start, point.end): point for point in points}
        key = kpi(workspace_id, str(kpi_id)).key
        for start, end in sorted(was.keys() | now.keys(), key=lambda span: span[1]):
            one, other = was.get((start, end)), now.get((start, end))
            figures = [(point.value, point.n) if point else (None, None) for point in (one, other)]
            if figures[0] != figures[1]:
                (value, n), (value_, n_) = figures
                yield Impact(kpi_id, key, dict(labels), start, end, value, value_, n, n_)
