"""The series that readings belong to: found, made on demand up to a limit, and locked.

Order, the same for every writer: new series are made one KPI after the other, KPIs in the order of their ids,
before any series is locked; series are locked in the order of their ids. So writers never wait in a circle.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Count, F

from kpis.models.definitions import Series
from kpis.queries.definitions import Accepting
from kpis.queries.sql import fetch, statement
from kpis.series.exact import encode
from service.tenancy import advisory_lock

SERIES_PER_KPI = 1000
NOTHING: Mapping[uuid.UUID, Accepting] = MappingProxyType({})
_FIND = statement("find_series")
_CREATE = statement("create_series")
_LOCK = statement("lock_series")
_TELL = statement("tell_series")

Wanted = tuple[uuid.UUID, int, str, uuid.UUID | None]
"""KPI, measure, labels_key; and the feed, where the KPI keeps feeds apart."""


def find_series(*, workspace_id: uuid.UUID, wanted: Collection[Wanted]) -> dict[Wanted, int]:
    """Return the ids of the series that exist."""
    found = fetch(_FIND, _columns(workspace_id, wanted))
    return {(kpi_id, measure, labels, part): series_id for kpi_id, measure, labels, part, series_id in found}


def create_series(
    *,
    workspace_id: uuid.UUID,
    wanted: Collection[Wanted],
    limits: Mapping[uuid.UUID, int | None],
    feed_id: uuid.UUID | None,
    at: datetime,
) -> dict[Wanted, int]:
    """Make the series and return their ids; those beyond a KPI's limit of series are left out."""
    for kpi_id in sorted({one[0] for one in wanted}):
        advisory_lock("series", workspace_id, kpi_id)
        mine = [one for one in wanted if one[0] == kpi_id]
        # Another transaction may have made some of them before the lock was ours.
        missing = sorted(set(mine) - find_series(workspace_id=workspace_id, wanted=mine).keys(), key=str)
        there = Series.objects.filter(workspace_id=workspace_id, kpi_id=kpi_id).count()
        made = missing[: max(0, (limits.get(kpi_id) or SERIES_PER_KPI) - there)]
        with connection.cursor() as cursor:
            cursor.execute(_CREATE, {**_columns(workspace_id, made), "feed": feed_id, "at": at})
    return find_series(workspace_id=workspace_id, wanted=wanted)


@dataclass(frozen=True, slots=True)
class Held:
    """A series under our lock. told_at: as it was before we came to tell it something."""

    id: int
    feed_id: uuid.UUID | None
    told_at: datetime | None


def lock_series(*, workspace_id: uuid.UUID, series_ids: Collection[int]) -> None:
    """Lock the series until the transaction ends; nothing that is true of them may change."""
    fetch(_LOCK, {"workspace": workspace_id, "ids": list(series_ids)})


class _Asked(msgspec.Struct, frozen=True, gc=False):
    kpi_id: uuid.UUID
    measure: int
    labels: str
    part: uuid.UUID | None
    latest: datetime
    laid_down_at: datetime | None = None
    key: str | None = None
    history_from: datetime | None = None


def tell_series(
    *,
    workspace_id: uuid.UUID,
    latest: Mapping[Wanted, datetime],
    remembered: Mapping[uuid.UUID, Accepting] = NOTHING,
) -> dict[Wanted, Held]:
    """Lock the series until the transaction ends, to record readings; move their `told_at` on.

    latest: where the latest reading for each begins: `told_at` is not before it. In the order of their ids.
    Where one of the series is not there, none is locked and the answer is empty: it is to be made before.
    remembered: KPIs, by id, that were not read in this transaction; the same where one is another one now.
    """
    asked = [_asked(wanted, start, remembered.get(wanted[0])) for wanted, start in latest.items()]
    rows = fetch(_TELL, {"workspace": workspace_id, "asked": encode(asked).decode()})
    return {(kpi_id, measure, labels, part): Held(*held) for kpi_id, measure, labels, part, *held in rows}


def _asked(wanted: Wanted, latest: datetime, taker: Accepting | None) -> _Asked:
    if taker is None:
        return _Asked(*wanted, latest)
    return _Asked(*wanted, latest, taker.laid_down_at, taker.kpi.key, taker.history_from)


def adopt_series(*, workspace_id: uuid.UUID, series_ids: Collection[int], feed_id: uuid.UUID) -> None:
    """Make `feed_id` the one feed of locked series that were fed by hand so far."""
    rows = Series.objects.filter(workspace_id=workspace_id, id__in=series_ids)
    rows.update(feed_id=feed_id)


def release_series(*, workspace_id: uuid.UUID, feed_id: uuid.UUID) -> None:
    """Let another feed take over the series of one that is gone: call it when a feed is archived."""
    series = list(
        Series.objects.filter(workspace_id=workspace_id, feed_id=feed_id)
        .order_by("id")
        .select_for_update(no_key=True)
        .values_list("id", flat=True)
    )
    Series.objects.filter(workspace_id=workspace_id, id__in=series).update(feed_id=None)


def part_series(*, workspace_id: uuid.UUID, kpi_id: uuid.UUID, apart: bool) -> bool:
    """Keep the feeds of a KPI apart from now on, or no more; say whether that can be.

    The caller holds the KPI's series. What several feeds tell of one label set cannot be put together again.
    """
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id=kpi_id)
    if apart:
        rows.update(part=F("feed_id"))
        return True
    alike = rows.values("revision", "labels_key").annotate(feeds=Count("id")).filter(feeds__gt=1)
    if alike.exists():
        return False
    rows.update(part=None)
    return True


def _columns(workspace_id: uuid.UUID, wanted: Collection[Wanted]) -> dict[str, Any]:
    return {
        "workspace": workspace_id,
        "kpis": [kpi_id for kpi_id, _, _, _ in wanted],
        "revisions": [measure for _, measure, _, _ in wanted],
        "labels": [labels for _, _, labels, _ in wanted],
        "parts": [part for _, _, _, part in wanted],
    }
