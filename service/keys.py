"""API keys: reads, and the changes that need an ETag."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from service.errors import NotFound
from service.models import Credential
from service.preconditions import IfMatch, etag_of


def api_keys(workspace_id: uuid.UUID) -> QuerySet[Credential, Credential]:
    """The table has no row level security: the workspace is named here."""
    return Credential.objects.filter(workspace_id=workspace_id, kind=Credential.Kind.API_KEY)


def api_key(workspace_id: uuid.UUID, key_id: uuid.UUID, *, lock: bool = False) -> Credential:
    """Raises NotFound."""
    rows = api_keys(workspace_id)
    found = (rows.select_for_update() if lock else rows).filter(pk=key_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def change_api_key(
    *, workspace_id: uuid.UUID, key_id: uuid.UUID, values: dict[str, Any], expected: IfMatch
) -> Credential:
    """Raises NotFound, PreconditionFailed."""
    row = api_key(workspace_id, key_id, lock=True)
    expected.check(etag_of(row))
    for name, value in values.items():
        setattr(row, name, value)
    row.row_version += 1
    row.save()
    return row


@transaction.atomic
def revoke_api_key(*, workspace_id: uuid.UUID, key_id: uuid.UUID, expected: IfMatch, at: datetime) -> None:
    """Raises NotFound, PreconditionFailed."""
    row = api_key(workspace_id, key_id, lock=True)
    expected.check(etag_of(row))
    if row.revoked_at is None:
        row.revoked_at = at
        row.row_version += 1
        row.save()
