"""View tokens: read-only links to one map, for audiences without a key."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from journeys import queries
from journeys.models import JourneyMap
from service.credentials import issue_credential, revoke_credential
from service.models import Credential
from service.preconditions import IfMatch, etag_of
from service.resources import check_limit

MAX_TOKENS = 1000
TOKEN_SCOPES = ("kpis:read", "maps:read")


@transaction.atomic(savepoint=False)
def create_view_token(
    *, journey_map: JourneyMap, name: str, at: datetime, expires_at: datetime | None = None
) -> tuple[Credential, str]:
    """Return the token's row and its secret, which is never readable again. Raises LimitReached."""
    workspace_id = journey_map.workspace_id
    rows = queries.view_tokens(workspace_id)
    check_limit(rows, workspace_id=workspace_id, name="view_tokens", default=MAX_TOKENS)
    return issue_credential(
        workspace_id=workspace_id,
        kind=Credential.Kind.VIEW_TOKEN,
        name=name,
        scopes=TOKEN_SCOPES,
        target_id=journey_map.pk,
        expires_at=expires_at,
        at=at,
    )


@transaction.atomic(savepoint=False)
def revoke_view_token(
    *, workspace_id: uuid.UUID, token_id: uuid.UUID, expected: IfMatch, at: datetime
) -> None:
    """Make the link useless. Raises NotFound, PreconditionFailed."""
    expected.check(etag_of(queries.view_token(workspace_id, token_id, lock=True)))
    revoke_credential(workspace_id=workspace_id, credential_id=token_id, at=at)
