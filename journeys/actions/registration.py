"""Elements get their identity when a draft first saves them, so that things can be bound while drafting.

An id belongs to one map and one kind for ever: what left the document may come back, elsewhere it may not.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import connection

from journeys.document.pointers import pointer
from journeys.models import Element, JourneyMap
from journeys.queries import Outline
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


def register_elements(*, journey_map: JourneyMap, before: Outline | None, now: Outline, at: datetime) -> None:
    """Register what the map's document did not hold before.

    Raises IdentityTaken, LimitReached (the limit is named `elements`, per map).
    """
    known = before.kinds() if before else {}
    new = {own: kind for own, kind in now.kinds().items() if known.get(own) != kind}
    if not new:
        return
    rows = Element.objects.filter(workspace_id=journey_map.workspace_id, journey_map=journey_map)
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
    rows = Element.objects.filter(workspace_id=workspace_id, journey_map=journey_map, id__in=rest)
    ours = dict(rows.values_list("id", "kind"))
    taken = {}
    for own in rest:
        if own not in ours:
            taken[own] = "id_of_other_map", "This id belongs to an element of another map: mint a new one."
        elif ours[own] != new[own]:
            taken[own] = "kind_changed", f"This id belongs to a {ours[own]}, and stays one."
    return taken


def _issues(now: Outline, taken: dict[uuid.UUID, tuple[str, str]]) -> list[Issue]:
    issues = []
    for s, stage in enumerate(now.stages):
        if stage.id in taken:
            issues.append(Issue(pointer("stages", s, "id"), *taken[stage.id]))
        for t, touchpoint in enumerate(stage.touchpoints):
            if touchpoint.id in taken:
                where = pointer("stages", s, "touchpoints", t, "id")
                issues.append(Issue(where, *taken[touchpoint.id]))
    return issues
