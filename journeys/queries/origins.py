"""Where elements come from: those of a copied map remember what they are copies of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from django.db import connection

from journeys.models import JourneyMap

_ORIGINS = (Path(__file__).parent / "sql" / "origins.sql").read_text()


def origins(journey_map: JourneyMap) -> Mapping[str, tuple[str, ...]]:
    """Return {element: what it is a copy of, what that is a copy of …} of those that are copies."""
    with connection.cursor() as cursor:
        cursor.execute(_ORIGINS, {"workspace": journey_map.workspace_id, "map": journey_map.pk})
        rows: list[tuple[uuid.UUID, uuid.UUID]] = cursor.fetchall()
    found: dict[str, tuple[str, ...]] = {}
    for element, ancestor in rows:
        found[str(element)] = (*found.get(str(element), ()), str(ancestor))
    return found
