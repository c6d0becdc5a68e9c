"""What every configurable resource shares: look-up by id or key, guarded change, archive, limits."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from service.errors import Conflict, NotFound
from service.models import Resource, Workspace
from service.preconditions import IfMatch, etag_of
from service.tenancy import advisory_lock

R = TypeVar("R", bound=Resource)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class KeyTaken(Conflict):
    code, title = "key_taken", "Another resource has this key."


class LimitReached(Conflict):
    code, title = "limit_reached", "The workspace holds as many of these as it may."


def by_ref(rows: QuerySet[R, R], ref: str) -> R:
    """Return the row that an id or an unarchived row's key names. Raises NotFound.

    An id finds the archived too, for reads that look back; what shows the resource itself uses `open_ref`.
    """
    if _UUID.fullmatch(ref):
        row = rows.filter(id=uuid.UUID(ref)).first()
    else:
        row = rows.filter(key=ref, archived_at=None).first()
    if row is None:
        raise NotFound(f"There is no {rows.model._meta.db_table.replace('_', ' ')} {ref!r} here.")
    return row


def open_ref(rows: QuerySet[R, R], ref: str) -> R:
    """Return the unarchived row that an id or key names: what was deleted is not there. Raises NotFound."""
    row = by_ref(rows, ref)
    if row.archived_at is not None:
        raise NotFound(f"It was archived at {row.archived_at.isoformat()}.")
    return row


def check_limit(rows: QuerySet[Any, Any], *, workspace_id: uuid.UUID, name: str, default: int) -> None:
    """Refuse one more row than `workspace.limits[name]` (or `default`) allows. Raises LimitReached.

    Until the transaction ends nobody else counts: two at once must not both be the last one.
    """
    advisory_lock("limit", workspace_id, name)
    limits = Workspace.objects.values_list("limits", flat=True).get(pk=workspace_id)
    allowed = int(limits.get(name, default))
    if rows.count() >= allowed:
        raise LimitReached(f"The limit of {name} is {allowed}.")


def add(row: R) -> R:
    """Insert a new resource. Raises KeyTaken."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        _refuse_taken(row, error)
        raise
    return row


@transaction.atomic
def change(row: R, values: Mapping[str, Any], *, expected: IfMatch, at: datetime) -> R:
    """Write `values` to the row as read under its lock; unchanged values keep the version.

    Raises PreconditionFailed, KeyTaken, and NotFound when it was archived meanwhile.
    """
    rows = type(row)._default_manager
    current = rows.select_for_update().filter(pk=row.pk, archived_at=None).first()
    if current is None:
        raise NotFound
    expected.check(etag_of(current))
    changed = [name for name, value in values.items() if getattr(current, name) != value]
    if not changed:
        return current
    for name in changed:
        setattr(current, name, values[name])
    current.row_version += 1
    current.updated_at = at
    try:
        with transaction.atomic():
            current.save(update_fields=[*changed, "row_version", "updated_at"])
    except IntegrityError as error:
        _refuse_taken(current, error)
        raise
    return current


def archive(row: R, *, expected: IfMatch, at: datetime) -> R:
    """Take the resource out of lists and make its key free. Raises PreconditionFailed, NotFound."""
    return change(row, {"archived_at": at}, expected=expected, at=at)


def shown_resource(row: Resource) -> dict[str, Any]:
    """Return the members that every resource shows."""
    return {
        "id": row.id,
        "key": row.key,
        "attributes": row.attributes,
        "etag": etag_of(row),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "archived_at": row.archived_at,
    }


def _refuse_taken(row: Resource, error: IntegrityError) -> None:
    """Raise KeyTaken if that is what the error says."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    if constraint.endswith("_key"):
        raise KeyTaken(f"The key {row.key!r} is taken.") from error
