"""Rows as the plain data that the API shows."""

from __future__ import annotations

from typing import Any

from service.models import Credential, Event, Workspace
from service.preconditions import etag_of


def workspace_out(row: Workspace) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "zone": row.zone,
        "history_from": row.history_from,
        "limits": row.limits,
        "etag": etag_of(row),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def api_key_out(row: Credential) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "rotating_until": row.previous_expires_at,
        "etag": etag_of(row),
        "created_at": row.created_at,
    }


def event_out(row: Event) -> dict[str, Any]:
    return {"id": row.id, "type": row.type, "occurred_at": row.occurred_at, "data": row.data}
