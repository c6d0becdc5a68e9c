"""Reads of notices and silences; and what of a workspace a finding speaks of."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kpis.models.bindings import Binding
from kpis.models.definitions import Series
from kpis.models.notices import Notice, Silence
from kpis.queries.findings_held import SeriesKey
from kpis.series.labels import labels_key
from kpis.series.notice import Selector
from service.resources import open_ref


def notices(workspace_id: uuid.UUID) -> QuerySet[Notice, Notice]:
    return Notice.objects.filter(workspace_id=workspace_id, archived_at=None)


def notice(workspace_id: uuid.UUID, ref: str) -> Notice:
    """Raises NotFound."""
    return open_ref(Notice.objects.filter(workspace_id=workspace_id), ref)


def every_notice(workspace_id: uuid.UUID) -> list[Notice]:
    """Return the notices of the workspace, archived ones too: who had one chose what is told."""
    return list(Notice.objects.filter(workspace_id=workspace_id).order_by("created_at", "id"))


def silences(workspace_id: uuid.UUID, *, holding_at: datetime | None = None) -> QuerySet[Silence, Silence]:
    """Return the silences, or those that hold at an instant."""
    rows = Silence.objects.filter(workspace_id=workspace_id, archived_at=None)
    if holding_at is None:
        return rows
    return rows.filter(starts_at__lte=holding_at, ends_at__gt=holding_at)


def silence(workspace_id: uuid.UUID, ref: str) -> Silence:
    """Raises NotFound."""
    return open_ref(Silence.objects.filter(workspace_id=workspace_id), ref)


def selector_of(stored: Mapping[str, Any]) -> Selector:
    """Return a selector as it was stored."""
    sets = {
        name: frozenset(uuid.UUID(one) for one in stored.get(name, ()))
        for name in ("kpis", "sources", "journey_maps")
    }
    return Selector(
        kinds=frozenset(stored.get("kinds", ())),
        severity=stored.get("severity", "info"),
        labels=stored.get("labels", {}),
        **sets,
    )


def maps_of_series(
    workspace_id: uuid.UUID, keys: Collection[SeriesKey]
) -> dict[SeriesKey, frozenset[uuid.UUID]]:
    """Return by series the maps on which it shows. One statement."""
    found: dict[SeriesKey, set[uuid.UUID]] = defaultdict(set)
    bound = Binding.objects.filter(
        workspace_id=workspace_id, kpi_id__in={kpi_id for kpi_id, _ in keys}, archived_at=None
    )
    for kpi_id, selector, map_id in bound.values_list("kpi_id", "selector", "journey_map_id"):
        found[kpi_id, labels_key(selector)].add(map_id)
    return {key: frozenset(found.get(key, ())) for key in keys}


def series_of_sources(
    workspace_id: uuid.UUID, source_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, set[SeriesKey]]:
    """Return by source what bindings select of the KPIs that it feeds. Two statements."""
    fed = Series.objects.filter(workspace_id=workspace_id, feed_id__in=source_ids)
    pairs = list(fed.values_list("feed_id", "kpi_id").distinct())
    bound = Binding.objects.filter(
        workspace_id=workspace_id, kpi_id__in={kpi_id for _, kpi_id in pairs}, archived_at=None
    )
    keys: dict[uuid.UUID, set[SeriesKey]] = defaultdict(set)
    for kpi_id, selector in bound.values_list("kpi_id", "selector"):
        keys[kpi_id].add((kpi_id, labels_key(selector)))
    found: dict[uuid.UUID, set[SeriesKey]] = defaultdict(set)
    for source_id, kpi_id in pairs:
        assert source_id is not None
        found[source_id] |= keys.get(kpi_id, {(kpi_id, "{}")})
    return found
