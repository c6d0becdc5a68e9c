"""View tokens of a workspace. The table has no row level security: the workspace is named here."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from service.errors import NotFound
from service.models import Credential


def view_tokens(workspace_id: uuid.UUID) -> QuerySet[Credential, Credential]:
    """Return the tokens that were not revoked; expired ones are among them."""
    return Credential.objects.filter(
        workspace_id=workspace_id, kind=Credential.Kind.VIEW_TOKEN, revoked_at=None
    )


def view_token(workspace_id: uuid.UUID, token_id: uuid.UUID, *, lock: bool = False) -> Credential:
    """Raises NotFound."""
    rows = view_tokens(workspace_id)
    found = (rows.select_for_update() if lock else rows).filter(pk=token_id).first()
    if found is None:
        raise NotFound("There is no such view token here, or it was revoked.")
    return found
