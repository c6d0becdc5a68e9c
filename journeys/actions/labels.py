"""Labels of a version: names that people give it afterwards, beside what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from journeys import queries
from journeys.models import Version, VersionLabels
from service.credentials import Caller
from service.events import emit
from service.preconditions import IfMatch, etag_of


@transaction.atomic(savepoint=False)
def set_labels(
    *, version: Version, labels: Sequence[str], caller: Caller, expected: IfMatch, at: datetime
) -> VersionLabels:
    """Give a version these labels in place of those that it has; the feed tells who, and both lists.

    Raises PreconditionFailed.
    """
    # The row is there before it is locked: two who label first take turns.
    VersionLabels.objects.bulk_create([queries.no_labels(version)], ignore_conflicts=True)
    row = queries.labels_of(version, lock=True)
    expected.check(etag_of(row))
    if row.labels == list(labels):
        return row
    told = {
        "journey_map": str(version.journey_map_id),
        "version": version.number,
        "before": row.labels,
        "after": list(labels),
        "author": {"id": str(caller.credential_id), "name": caller.name},
    }
    row.labels, row.updated_at = list(labels), at
    row.row_version += 1
    row.save()
    emit(workspace_id=version.workspace_id, type="map.version_labelled", data=told, at=at)
    return row
