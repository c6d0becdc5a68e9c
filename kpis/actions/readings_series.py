"""The series that readings belong to: found, made on demand up to a limit, and locked.

Order, the same for every writer: who makes series locks their KPIs, in the order of their ids, before any
series is locked; series are locked in the order of their ids. So writers never wait in a circle.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from django.db.models import Count, F

from kpis.actions.readings_check import Wanted
from kpis.models.definitions import Series
from kpis.queries.definitions import Accepting
from kpis.queries.sql import array, execute, fetch, statement
from kpis.series.exact import encode
from service.tenancy import advisory_locks

SERIES_PER_KPI = 1000
NOTHING: Mapping[uuid.UUID, Accepting] = MappingProxyType({})
_FIND = statement("find_series")
_CREATE = statement("create_series")
_LOCK = statement("lock_series")
_TELL = statement("tell_series")
_ADOPT = """
UPDATE series SET feed_id = adopting.feed
FROM unnest(%(series)s::bigint[], %(feeds)s::uuid[]) AS adopting (id, feed)
WHERE series.workspace_id = %(workspace)s AND series.id = adopting.id
"""


def find_series(*, workspace_id: uuid.UUID, wanted: Collection[Wanted]) -> dict[Wanted, int]:
    """Return the ids of the series that exist."""
    found = fetch(_FIND, _columns(workspace_id, wanted))
    return {(kpi_id, measure, labels, part): series_id for kpi_id, measure, labels, part, series_id in found}


def create_series(
    *,
    workspace_id: uuid.UUID,
    owners: Mapping[Wanted, uuid.UUID | None],
    limits: Mapping[uuid.UUID, int | None],
    at: datetime,
) -> set[Wanted]:
    """Make the series, each with the feed that it begins with; return which there are now.

    Those first in `owners` are made first: what is beyond a KPI's limit of series is left out.
    """
    kpis = sorted({one[0] for one in owners})
    advisory_locks([("series", workspace_id, kpi_id) for kpi_id in kpis])
    # Another transaction may have made some of them before the lock was ours.
    there = set(find_series(workspace_id=workspace_id, wanted=owners))
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id__in=kpis)
    counts = dict(rows.values_list("kpi_id").annotate(Count("id")))
    made: list[Wanted] = []
    for one in owners:
        held = counts.get(one[0], 0)
        if one not in there and held < (limits.get(one[0]) or SERIES_PER_KPI):
            counts[one[0]] = held + 1
            made.append(one)
    feeds = [owners[one] for one in made]
    execute(_CREATE, {**_columns(workspace_id, made), "feeds": feeds, "at": at})
    return there.union(made)


class Held(msgspec.Struct, frozen=True, gc=False):
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
    return {(kpi_id, measure, labels, part): Held(*held) for kpi_id, measure, labels, part, *held, _ in rows}


def _asked(wanted: Wanted, latest: datetime, taker: Accepting | None) -> _Asked:
    if taker is None:
        return _Asked(*wanted, latest)
    return _Asked(*wanted, latest, taker.laid_down_at, taker.kpi.key, taker.history_from)


def adopt_series(*, workspace_id: uuid.UUID, owners: Mapping[int, uuid.UUID]) -> None:
    """Make each feed the one of a locked series that was fed by hand so far. owners: by series."""
    feeds = list(owners.values())
    execute(_ADOPT, {"workspace": workspace_id, "series": array(owners), "feeds": array(feeds)})


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
