"""View tokens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from service.fields import Instant, StrictChar
from service.models import Credential
from service.preconditions import etag_of
from service.serializers import READ_ONLY, In


class ViewTokenIn(In):
    echoes = READ_ONLY | {"prefix", "last_used_at"}
    journey_map = StrictChar(max_length=64, help_text="Id or key of the map that it shows.")
    name = StrictChar(max_length=200, help_text="For whom it is.")
    expires_at = Instant(required=False, help_text="Absent: it works until it is revoked.")


class ViewTokenOut(serializers.Serializer[Any]):
    """A read-only link to one map."""

    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="Names the token in logs; not secret.")
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()


class ViewTokenSecretOut(ViewTokenOut):
    secret = serializers.CharField(help_text="Shown once.")
    url = serializers.CharField(help_text="Opens the page in any browser; it contains the secret.")


def view_token_out(row: Credential) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey_map": row.target_id,
        "name": row.name,
        "prefix": row.prefix,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "etag": etag_of(row),
        "created_at": row.created_at,
    }


def secret_out(row: Credential, secret: str) -> dict[str, Any]:
    """Return the token with what is shown once."""
    return {**view_token_out(row), "secret": secret, "url": f"{settings.PUBLIC_URL}/p/{secret}"}
