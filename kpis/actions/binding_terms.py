"""Terms of bindings: where and what a binding is from an instant on, written under the binding's lock.

Terms are never changed; of those that hold at an instant the one recorded last counts. `recorded_at` is
the database's clock after the lock, so it only grows per binding.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection

from journeys.queries import hold_off_erasure
from service.tenancy import advisory_lock

_ADD = """
INSERT INTO binding_term (workspace_id, binding_id, journey_map_id, element_id, selector, label, kpi_key,
                          place, valid_from, recorded_at)
SELECT b.workspace_id, b.id, b.journey_map_id, b.element_id, b.selector,
       COALESCE(NULLIF(b.label, ''), k.name), k.key, b.place, b.valid_from, clock_timestamp()
FROM binding b JOIN kpi k ON k.workspace_id = b.workspace_id AND k.id = b.kpi_id
WHERE b.workspace_id = %(workspace)s AND b.id = ANY(%(bindings)s::uuid[])
"""

# A KPI that is renamed, or gets another key, is shown so from now on wherever it is bound.
_FOLLOW = """
INSERT INTO binding_term (workspace_id, binding_id, journey_map_id, element_id, selector, label, kpi_key,
                          place, valid_from, recorded_at)
SELECT b.workspace_id, b.id, b.journey_map_id, b.element_id, b.selector,
       COALESCE(NULLIF(b.label, ''), k.name), k.key, b.place, %(at)s, clock_timestamp()
FROM binding b
JOIN kpi k ON k.workspace_id = b.workspace_id AND k.id = b.kpi_id
CROSS JOIN LATERAL (
  SELECT label, kpi_key FROM binding_term t
  WHERE t.workspace_id = b.workspace_id AND t.journey_map_id = b.journey_map_id AND t.binding_id = b.id
  ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1
) t
WHERE b.workspace_id = %(workspace)s AND b.kpi_id = ANY(%(kpis)s::uuid[]) AND b.archived_at IS NULL
  AND (t.label, t.kpi_key) IS DISTINCT FROM (COALESCE(NULLIF(b.label, ''), k.name), k.key)
"""


def lock_bindings_of_map(*, workspace_id: uuid.UUID, journey_map_id: uuid.UUID) -> None:
    """Let one transaction at a time change which bindings a map has: binding and publishing take turns.

    Nobody erases meanwhile: a purge, which locks bindings the other way round, waits for this instead.
    """
    hold_off_erasure(workspace_id)
    advisory_lock("bindings", workspace_id, journey_map_id)


def add_terms(*, workspace_id: uuid.UUID, binding_ids: Sequence[uuid.UUID]) -> None:
    """Record what the binding rows say now as holding from their `valid_from`."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"workspace": workspace_id, "bindings": list(binding_ids)})


def follow_kpi_names(*, workspace_id: uuid.UUID, kpi_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Record new terms where a KPI's name or key is no longer what stands at its figures."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"workspace": workspace_id, "kpis": list(kpi_ids), "at": at})
