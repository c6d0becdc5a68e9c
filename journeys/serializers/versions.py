"""Versions: what publishing takes and answers, and versions in lists."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from rest_framework import serializers

from journeys.actions import Published
from journeys.document.base import Shape
from journeys.document.shape import Document
from journeys.models import Version
from service.fields import Instant, StrictChar
from service.serializers import In, PageQuery, Part, Query


class OnBehalfOfIn(Part):
    name = StrictChar(max_length=200)
    email = serializers.EmailField(required=False, max_length=254)


class PublishIn(In):
    echoes = frozenset()
    message = StrictChar(required=False, default="", max_length=2000, allow_blank=True)
    on_behalf_of = OnBehalfOfIn(required=False, help_text="The person behind the calling system.")


class PublishQuery(Query):
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Answer what would happen, and store nothing."
    )


class VersionQuery(PageQuery):
    as_of = Instant(required=False, help_text="Only the version that was the latest at this instant.")


class OnBehalfOfOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.CharField(required=False)


class VersionOut(serializers.Serializer[Any]):
    """A published version without its document."""

    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 over all content, hexadecimal.")
    format = serializers.IntegerField()
    message = serializers.CharField()
    author = serializers.CharField(help_text="Name of the credential that published it.")
    on_behalf_of = OnBehalfOfOut(allow_null=True)
    restored_from = serializers.IntegerField(allow_null=True)
    published_at = serializers.DateTimeField()


class ChangesOut(serializers.Serializer[Any]):
    """Elements since the version before."""

    added = serializers.ListField(child=serializers.UUIDField())
    removed = serializers.ListField(child=serializers.UUIDField())
    kept = serializers.ListField(child=serializers.UUIDField())


class PublishedOut(VersionOut):
    """A version just published; of a dry run, the one that would be."""

    dry_run = serializers.BooleanField()
    previous = serializers.IntegerField(allow_null=True)
    changes = ChangesOut()


def version_out(row: Version) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey_map": row.journey_map_id,
        "number": row.number,
        "digest": bytes(row.digest).hex(),
        "format": row.format,
        "message": row.message,
        "author": row.author_name,
        "on_behalf_of": row.on_behalf_of,
        "restored_from": row.restored_from,
        "published_at": row.published_at,
    }


def published_out(published: Published, *, dry_run: bool) -> dict[str, Any]:
    return {
        **version_out(published.version),
        "dry_run": dry_run,
        "previous": published.previous,
        "changes": {
            "added": published.added,
            "removed": published.removed,
            "kept": published.kept,
        },
    }


class VersionFacts(Shape):
    """What is known of a version beside its document."""

    id: uuid.UUID
    journey_map: uuid.UUID
    number: int
    digest: Annotated[str, Field(description="SHA-256 over all content, hexadecimal.")]
    format: int
    message: str
    author: str
    on_behalf_of: dict[str, str] | None
    restored_from: int | None
    published_at: datetime


class VersionShown(Shape):
    """A version with its document."""

    version: VersionFacts
    document: Document
