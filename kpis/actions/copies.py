"""A map copied with what is measured on it: the same KPIs, bound to the copy's own elements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from journeys.actions import copy_map
from journeys.models import Element, JourneyMap
from journeys.queries import Moment
from kpis.actions.bindings import bind_kpi
from kpis.actions.states import hold_series
from kpis.models.bindings import Binding


@transaction.atomic(savepoint=False)
def copy_with_bindings(*, source: Moment, at: datetime, **wanted: Any) -> JourneyMap:
    """Copy a map as `copy_map` does, and bind what is bound there now to the copies of its elements, from
    now on; keys stay with the originals. What is bound to an element that the copied state lacks stays out.

    Raises as `copy_map` and `bind_kpi`.
    """
    workspace_id = source.journey_map.workspace_id
    copied = copy_map(source=source, at=at, **wanted)
    rows = Binding.objects.filter(
        workspace_id=workspace_id, journey_map=source.journey_map, archived_at=None, kpi__archived_at=None
    )
    bound = list(rows.order_by("kpi_id", "place", "id"))
    twins = dict(
        Element.objects.filter(
            workspace_id=workspace_id, journey_map=copied, origin_id__isnull=False
        ).values_list("origin_id", "id")
    )
    # All at once, in the order in which everybody locks: one by one could meet somebody who holds the next.
    hold_series(workspace_id=workspace_id, kpi_ids={row.kpi_id for row in bound})
    for row in bound:
        if row.element_id is None or row.element_id in twins:
            bind_kpi(journey_map=copied, values=_values(row, twins.get(row.element_id)), at=at)
    copied.refresh_from_db(fields=["live_revision"])
    return copied


def _values(row: Binding, element: Any) -> dict[str, Any]:
    return {
        "kpi": str(row.kpi_id),
        "element": None if element is None else str(element),
        "selector": row.selector,
        "label": row.label,
        "place": row.place,
        "thresholds": row.rules,
        "attributes": row.attributes,
    }
