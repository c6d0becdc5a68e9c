"""Snapshots of a view, in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from kpis.models.audience import Snapshot
from service.fields import Instant, StrictChar, StrictInteger
from service.serializers import READ_ONLY, In


class SnapshotIn(In):
    echoes = READ_ONLY | {"view", "url", "restated"}
    name = StrictChar(
        required=False, default="", allow_blank=True, max_length=200, help_text="Stands on its face."
    )
    version = StrictInteger(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Number of the version; else the latest of then.",
    )
    as_of = Instant(required=False, help_text="What was true then; `known_at` when left out.")
    known_at = Instant(required=False, help_text="Only what had been recorded by then; now when left out.")


class SnapshotOut(serializers.Serializer[Any]):
    """A moment of a view. What it shows never changes, whatever becomes of map and figures; it loses what its
    view does not show any more, and gains nothing that the view shows since."""

    id = serializers.UUIDField()
    view = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField()
    url = serializers.CharField(
        help_text="The page, for browsers that a token of the view has opened; `/p/{token}/snapshots/{id}` "
        "leads there."
    )
    created_at = serializers.DateTimeField()


class ToldOut(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    status = serializers.CharField()


class RestatedOut(serializers.Serializer[Any]):
    binding = serializers.UUIDField()
    element = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    was = ToldOut()
    now = ToldOut(allow_null=True, help_text="Null: the figure is not shown any more.")


class SnapshotDetailOut(SnapshotOut):
    restated = RestatedOut(many=True, help_text="Figures that are known otherwise by now.")


def snapshot_out(row: Snapshot) -> dict[str, Any]:
    return {
        "id": row.id,
        "view": row.view_id,
        "name": row.name,
        "version": row.version,
        "as_of": row.as_of,
        "known_at": row.known_at,
        "url": f"{settings.PUBLIC_URL}/view/{row.view_id}/snapshots/{row.id}/",
        "created_at": row.created_at,
    }
