"""Inbound endpoints: made, changed, archived; their secrets and what their rules would read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kpis.actions.readings_series import release_series
from kpis.actions.recording import preview
from kpis.connectors.mapping import extract
from kpis.models.feeds import InboundEndpoint
from service.credentials import issue_credential, revoke_credential
from service.ids import new_id
from service.models import Credential
from service.preconditions import IfMatch
from service.resources import add, archive, change, check_limit
from service.signing import new_secret
from service.vault import seal

MAX_ENDPOINTS = 500
_SETTABLE = ("key", "attributes", "name", "scheme", "rules", "enabled")


@transaction.atomic
def create_endpoint(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime
) -> tuple[InboundEndpoint, str, str]:
    """Create an endpoint; return it with its ingress token and signing secret, both shown once."""
    rows = InboundEndpoint.objects.filter(workspace_id=workspace_id, archived_at=None)
    check_limit(rows, workspace_id=workspace_id, name="inbound_endpoints", default=MAX_ENDPOINTS)
    secret = new_secret()
    stored = {name: values[name] for name in _SETTABLE if name in values}
    row = add(
        InboundEndpoint(
            id=new_id(),
            workspace_id=workspace_id,
            secret=seal(secret),
            created_at=at,
            updated_at=at,
            **stored,
        )
    )
    _, token = issue_credential(
        workspace_id=workspace_id, kind="ingress_token", name=row.name, scopes=[], target_id=row.id, at=at
    )
    return row, token, secret


@transaction.atomic
def change_endpoint(
    *, endpoint: InboundEndpoint, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> InboundEndpoint:
    """Replace the settings; changed rules get the next version. Raises PreconditionFailed."""
    stored = {"key": None} | {name: values[name] for name in _SETTABLE if name in values}
    if stored["rules"] != endpoint.rules:
        stored["rules_version"] = endpoint.rules_version + 1
    return change(endpoint, stored, expected=expected, at=at)


@transaction.atomic
def archive_endpoint(*, endpoint: InboundEndpoint, expected: IfMatch, at: datetime) -> None:
    """Take the endpoint out of use; its token is revoked. Raises PreconditionFailed."""
    release_series(workspace_id=endpoint.workspace_id, feed_id=endpoint.id)
    archive(endpoint, expected=expected, at=at)
    tokens = Credential.objects.filter(
        workspace_id=endpoint.workspace_id, target_id=endpoint.id, revoked_at=None
    )
    for token in tokens:
        revoke_credential(workspace_id=endpoint.workspace_id, credential_id=token.id, at=at)


@transaction.atomic
def rotate_secret(
    *, endpoint: InboundEndpoint, overlap: timedelta, expected: IfMatch, at: datetime
) -> tuple[InboundEndpoint, str]:
    """Give the endpoint a new signing secret; the former one verifies until the overlap ends."""
    secret = new_secret()
    values = {
        "secret": seal(secret),
        "previous_secret": bytes(endpoint.secret),
        "previous_expires_at": at + overlap,
    }
    return change(endpoint, values, expected=expected, at=at), secret


def preview_rules(*, endpoint: InboundEndpoint, body: Any) -> dict[str, Any]:
    """Return what the endpoint's rules would record from `body`; nothing is stored."""
    return preview(extract(endpoint.rules, body))
