"""Stored messages read again: for good, one by one or by filter; or to see what that would change.

A dry run does the real thing inside a savepoint, compares every figure that it touched, and rolls back: what
it shows is what a replay does. It is bounded; a replay for good is the workers' and is not.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from kpis.actions.findings_due import appoint_settling
from kpis.actions.inbound_reading import Read, Rules, read_event
from kpis.actions.receiving import DUE_KIND
from kpis.models.definitions import Series
from kpis.models.feeds import InboundEndpoint, InboundEvent
from kpis.queries import points_kpi
from kpis.queries.definitions import accepting, kpi
from kpis.queries.points_kpi import Question
from kpis.series.point import Point
from service.due import set_all_due
from service.errors import Issue, ValidationProblem

MOST_TRIED = 500
MOST_IMPACT = 500
MOST_POINTS = 1000
_AT_ONCE = 5000
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


@transaction.atomic
def replay_events(*, events: QuerySet[InboundEvent, InboundEvent], at: datetime) -> int:
    """Have stored messages read again with the rules of now, save for those whose bytes are gone; return how
    many.

    What that changes is found once, when the last of them has been read.
    """
    state = Case(When(request__isnull=False, then=Value("held")), default=Value("received"))
    count = 0
    chosen = events.filter(body_gone_at=None).order_by("created_at", "id").values_list("id", "workspace_id")
    for some in _batched(chosen.iterator(chunk_size=_AT_ONCE)):
        ids = [id for id, _ in some]
        InboundEvent.objects.filter(id__in=ids).update(state=state, attempts=0, error="")
        set_all_due(workspace_id=some[0][1], kind=DUE_KIND, row_ids=ids, due_at=at)
        count += len(some)
        appoint_settling(workspace_id=some[0][1], at=at)
    return count


def _batched(rows: Iterator[tuple[uuid.UUID, uuid.UUID]]) -> Iterator[list[tuple[uuid.UUID, uuid.UUID]]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some


def try_rules(
    *,
    endpoint: InboundEndpoint,
    events: QuerySet[InboundEvent, InboundEvent],
    rules: Rules | None,
    at: datetime,
) -> tuple[list[tuple[InboundEvent, Read]], list[Impact]]:
    """Read stored messages by `rules` (the endpoint's when None), oldest first, and undo it.

    Returns what each message came to, and the figures that would be others. Raises ValidationProblem for more
    messages than can be tried at once.
    """
    verified = events.filter(request__isnull=True, body_gone_at=None).select_related("endpoint").defer(None)
    chosen = list(verified.order_by("created_at", "id")[: MOST_TRIED + 1])
    if len(chosen) > MOST_TRIED:
        detail = f"At most {MOST_TRIED} messages can be tried at once: narrow it by since and until."
        raise ValidationProblem([Issue("/filter", "too_many_events", detail)])
    reads: list[tuple[InboundEvent, Read]] = []
    after: dict[Address, Sequence[Point]] = {}
    version = endpoint.rules_version + (rules is not None)
    try:
        with transaction.atomic():
            _hold_series(endpoint)
            for event in chosen:
                reads.append(
                    (event, read_event(event, rules or endpoint.rules, rules_version=version, at=at))
                )
            touched = _touched(endpoint.workspace_id, [read for _, read in reads])
            after = _points(endpoint.workspace_id, touched, at)
            raise _Undone
    except _Undone:
        before = _points(endpoint.workspace_id, after, at)
    return reads, list(_impact(endpoint.workspace_id, before, after))[:MOST_IMPACT]


def _hold_series(endpoint: InboundEndpoint) -> None:
    """Lock what the endpoint feeds in the order of ids, as whoever records: here many messages do."""
    fed = Series.objects.filter(workspace_id=endpoint.workspace_id, feed_id=endpoint.id)
    list(fed.order_by("id").select_for_update().values_list("id", flat=True))


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
