"""API keys: reads, and the changes that need an ETag."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from service.credentials import issue_credential, revoke_credential
from service.errors import NotFound
from service.models import Credential
from service.preconditions import IfMatch, etag_of
from service.resources import check_limit

MAX_API_KEYS = 1000


def api_keys(workspace_id: uuid.UUID) -> QuerySet[Credential, Credential]:
    """Return the keys that were not revoked; without row level security, the workspace is named here."""
    return Credential.objects.filter(workspace_id=workspace_id, kind=Credential.Kind.API_KEY, revoked_at=None)


def api_key(workspace_id: uuid.UUID, key_id: uuid.UUID, *, lock: bool = False) -> Credential:
    """Raises NotFound."""
    rows = api_keys(workspace_id)
    found = (rows.select_for_update() if lock else rows).filter(pk=key_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def create_api_key(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime
) -> tuple[Credential, str]:
    """Return the key and its secret, which is never readable again. Raises LimitReached."""
    check_limit(api_keys(workspace_id), workspace_id=workspace_id, name="api_keys", default=MAX_API_KEYS)
    return issue_credential(workspace_id=workspace_id, kind=Credential.Kind.API_KEY, at=at, **values)


@transaction.atomic
def change_api_key(
    *, workspace_id: uuid.UUID, key_id: uuid.UUID, values: Mapping[str, Any], expected: IfMatch
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
    revoke_credential(workspace_id=workspace_id, credential_id=key_id, at=at)
