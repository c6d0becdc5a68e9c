"""Collections of maps."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from journeys import queries
from journeys.models import Collection
from service import resources
from service.errors import Issue, ValidationProblem
from service.preconditions import IfMatch

MAX_COLLECTIONS = 500


@transaction.atomic(savepoint=False)
def create_collection(*, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime) -> Collection:
    """Add a collection. `values`: name, description, journey_maps (ids or keys, in order), key, attributes.

    Raises ValidationProblem (a map that is not there, or twice), KeyTaken, LimitReached (`collections`).
    """
    rows = queries.collections(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="collections", default=MAX_COLLECTIONS)
    named = {"journey_maps": _resolved(workspace_id, values["journey_maps"], ())}
    row = Collection(workspace_id=workspace_id, created_at=at, updated_at=at, **{**values, **named})
    return resources.add(row)


@transaction.atomic(savepoint=False)
def change_collection(
    *, collection: Collection, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Collection:
    """Write a collection. A map that was archived since may stay in it.

    Raises ValidationProblem, KeyTaken, PreconditionFailed, NotFound (archived meanwhile).
    """
    maps = _resolved(collection.workspace_id, values["journey_maps"], collection.journey_maps)
    return resources.change(collection, {**values, "journey_maps": maps}, expected=expected, at=at)


def archive_collection(*, collection: Collection, expected: IfMatch, at: datetime) -> Collection:
    """Take a collection out of the list; its maps stay. Raises PreconditionFailed, NotFound."""
    return resources.archive(collection, expected=expected, at=at)


def _resolved(workspace_id: uuid.UUID, refs: Sequence[str], before: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    known = queries.maps_named(workspace_id, refs)
    issues: list[Issue] = []
    found: list[uuid.UUID] = []
    for index, ref in enumerate(refs):
        row = known.get(ref) or known.get(ref.lower())
        where = f"/journey_maps/{index}"
        if row is None or (row.archived_at is not None and row.id not in before):
            issues.append(Issue(where, "unknown_reference", "There is no map of this id or key."))
        elif row.id in found:
            issues.append(Issue(where, "duplicate", "This map is already in the collection."))
        else:
            found.append(row.id)
    if issues:
        raise ValidationProblem(issues)
    return found
