"""Elements get their identity when a draft first saves them, so that things can be bound while drafting.

An id belongs to one map and one kind for ever: what left the document may come back, elsewhere it may not.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from journeys import queries
from journeys.document.bodies import Manifest
from journeys.document.pointers import pointer
from journeys.models import JourneyMap
from service.errors import Conflict, Issue
from service.resources import check_limit

MAX_ELEMENTS = 50_000

# The identity column mints the numbers; ascending ids so that two such statements cannot wait for each other.
_REGISTER = """
INSERT INTO element (id, workspace_id, journey_map_id, kind, created_at)
SELECT given.id, %(workspace)s, %(map)s, given.kind, %(at)s
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[]) AS given (id, kind) ORDER BY given.id
ON CONFLICT DO NOTHING RETURNING id
"""


class IdentityTaken(Conflict):
    """409: ids of the document belong to other elements; `issues` names each."""

    code, title = "identity_taken", "An id belongs to another element."

    def under(self, prefix: str) -> IdentityTaken:
        """Return the same refusal for a client who sent the document inside something else."""
        return IdentityTaken(self.detail, issues=[issue.under(prefix) for issue in self.issues])

    def within(self, prefix: str) -> IdentityTaken:
        """Return the same refusal for a client who sent only the part of the document at `prefix`."""
        return IdentityTaken(
            self.detail,
            issues=[Issue(i.pointer.removeprefix(prefix), i.code, i.detail) for i in self.issues],
        )


def register_elements(
    *, journey_map: JourneyMap, before: Manifest | None, now: Manifest, at: datetime
) -> None:
    """Register what the map's draft did not hold before.

    Raises IdentityTaken, LimitReached (the limit is named `elements`, per map).
    """
    known = queries.kinds(before) if before else {}
    new = {own: kind for own, kind in queries.kinds(now).items() if known.get(own) != kind}
    if not new:
        return
    rows = queries.elements_of_map(journey_map.workspace_id, journey_map.pk)
    check_limit(rows, workspace_id=journey_map.workspace_id, name="elements", default=MAX_ELEMENTS)
    taken = _taken(journey_map, new, at)
    if taken:
        raise IdentityTaken(issues=_issues(now, taken))


def _taken(
    journey_map: JourneyMap, new: dict[uuid.UUID, str], at: datetime
) -> dict[uuid.UUID, tuple[str, str]]:
    """Insert, and return {id: (code, detail)} for those that could not be."""
    workspace_id = journey_map.workspace_id
    given: dict[str, Any] = {"workspace": workspace_id, "map": journey_map.pk, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, given | {"ids": list(new), "kinds": list(new.values())})
        added = {row[0] for row in cursor.fetchall()}
    rest = [own for own in new if own not in added]
    if not rest:
        return {}
    rows = queries.elements_of_map(workspace_id, journey_map.pk).filter(id__in=rest)
    ours = dict(rows.values_list("id", "kind"))
    taken = {}
    for own in rest:
        if own not in ours:
            taken[own] = "id_of_other_map", "This id belongs to an element of another map: mint a new one."
        elif ours[own] != new[own]:
            taken[own] = "kind_changed", f"This id belongs to a {ours[own]}, and stays one."
    return taken


def _issues(now: Manifest, taken: Mapping[uuid.UUID, tuple[str, str]]) -> list[Issue]:
    issues = []
    stage = touchpoint = -1
    for placed in now.elements:
        if placed.parent is None:
            stage, touchpoint = stage + 1, -1
            where = pointer("stages", stage, "id")
        else:
            touchpoint += 1
            where = pointer("stages", stage, "touchpoints", touchpoint, "id")
        if placed.id in taken:
            issues.append(Issue(where, *taken[placed.id]))
    return issues
