"""Elements get their identity when a draft first saves them, so that things can be bound while drafting.

An id belongs to one map and one kind for ever: what left the document may come back, elsewhere it may not.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.db import connection

from journeys import queries
from journeys.document.bodies import Manifest
from journeys.document.pointers import pointer
from journeys.models import JourneyMap
from service.errors import Conflict, Issue
from service.resources import check_limit

MAX_ELEMENTS = 50_000

Origins = Mapping[uuid.UUID, uuid.UUID]
NO_ORIGINS: Origins = MappingProxyType({})

# The identity column mints the numbers; ascending ids so that two such statements cannot wait for each other.
_REGISTER = """
INSERT INTO element (id, workspace_id, journey_map_id, kind, origin_id, created_at)
SELECT given.id, %(workspace)s, %(map)s, given.kind, given.origin, %(at)s
FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(origins)s::uuid[]) AS given (id, kind, origin)
ORDER BY given.id
ON CONFLICT DO NOTHING RETURNING id, number
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
    *,
    journey_map: JourneyMap,
    now: Manifest,
    held: Mapping[uuid.UUID, str],
    origins: Origins = NO_ORIGINS,
    at: datetime,
) -> dict[uuid.UUID, int]:
    """Register the elements of `now` but those that the draft `held` ({id: kind}); return their numbers.

    `origins` are of copies: {id: what it is a copy of}. Raises IdentityTaken, LimitReached (the limit is
    named `elements`, per map).
    """
    new = {own: kind for own, kind in queries.kinds(now).items() if held.get(own) != kind}
    if not new:
        return {}
    workspace_id, rows = journey_map.workspace_id, queries.elements_of_map
    check_limit(
        rows(workspace_id, journey_map.pk), workspace_id=workspace_id, name="elements", default=MAX_ELEMENTS
    )
    numbers = _insert(journey_map, new, origins, at)
    rest = [own for own in new if own not in numbers]
    known = rows(workspace_id, journey_map.pk).filter(id__in=rest) if rest else ()
    taken = dict.fromkeys(rest, ("id_of_other_map", "This id is taken outside of this map: mint a new one."))
    for element in known:
        if element.kind == new[element.id]:
            del taken[element.id]
            numbers[element.id] = element.number
        else:
            taken[element.id] = "kind_changed", f"This id belongs to a {element.kind}, and stays one."
    if taken:
        raise IdentityTaken(issues=_issues(now, taken))
    return numbers


def _insert(
    journey_map: JourneyMap, new: Mapping[uuid.UUID, str], origins: Origins, at: datetime
) -> dict[uuid.UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _REGISTER,
            {
                "workspace": journey_map.workspace_id,
                "map": journey_map.pk,
                "ids": list(new),
                "kinds": list(new.values()),
                "origins": [origins.get(own) for own in new],
                "at": at,
            },
        )
        return dict(cursor.fetchall())


def _issues(now: Manifest, taken: Mapping[uuid.UUID, tuple[str, str]]) -> list[Issue]:
    issues = []
    stage = touchpoint = -1
    for placed in now.elements:
        if placed.parent is None:
            stage, touchpoint = stage + 1, -1
        else:
            touchpoint += 1
        if placed.id in taken:
            within = ("touchpoints", touchpoint) if placed.parent else ()
            issues.append(Issue(pointer("stages", stage, *within, "id"), *taken[placed.id]))
    return issues
