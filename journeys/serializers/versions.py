"""Versions: what is said of one, one with its document, and what publishing says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journeys import queries
from journeys.actions import Published
from journeys.document.diff import diff
from journeys.models import Version as Row
from journeys.serializers.changes import ChangeOut, changes_out
from service.errors import Issue, ValidationProblem
from service.fields import Instant, StrictChar
from service.renderers import encode
from service.serializers import In, PageQuery, Part, Query

_EMAIL = r"^[^@\s]+@[^@\s]+$"


class OnBehalfOfIn(Part):
    name = StrictChar(max_length=200)
    email = serializers.RegexField(_EMAIL, max_length=320, required=False, trim_whitespace=False)


class PublishIn(In):
    """How a version is announced."""

    echoes = frozenset()
    message = StrictChar(
        max_length=2000, required=False, allow_blank=True, default="", help_text="What changed and why."
    )
    on_behalf_of = OnBehalfOfIn(required=False, help_text="The person for whom the credential acts.")


class Flag(serializers.BooleanField):
    """true or false in a query, nothing else."""

    TRUE_VALUES, FALSE_VALUES = {"true"}, {"false"}
    NULL_VALUES: set[str | None] = set()


class PublishQuery(Query):
    dry_run = Flag(required=False, default=False, help_text="Tell what would happen; store nothing.")


class VersionListQuery(PageQuery):
    label = StrictChar(  # type: ignore[assignment]
        required=False, max_length=100, help_text="Just the versions with this label."
    )


class VersionQuery(Query):
    as_of = Instant(required=False, help_text="The version as it was to be found at that instant.")


class AuthorOut(serializers.Serializer[Any]):
    """The credential that published."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class OnBehalfOfOut(serializers.Serializer[Any]):
    """The person for whom the credential acted."""

    name = serializers.CharField()
    email = serializers.CharField(required=False)


class VersionOut(serializers.Serializer[Any]):
    """What is said of a version; it never changes."""

    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    number = serializers.IntegerField(help_text="1 for the first.")
    digest = serializers.CharField(help_text="SHA-256 of the content, in hex; equal for equal documents.")
    format = serializers.IntegerField(help_text="Format of the document.")
    message = serializers.CharField()
    author = AuthorOut()
    on_behalf_of = OnBehalfOfOut(allow_null=True)
    restored_from = serializers.IntegerField(
        allow_null=True, help_text="The version whose content it has again."
    )
    published_at = serializers.DateTimeField()
    etag = serializers.CharField()


@extend_schema_field({"$ref": "#/components/schemas/Document"})
class DocumentField(serializers.JSONField):
    """The document, as its own types declare it."""


class VersionDocumentOut(serializers.Serializer[Any]):
    """A version with its document."""

    document = DocumentField()
    etag = serializers.CharField()
    version = VersionOut()


class ElementChangesOut(serializers.Serializer[Any]):
    """Stages and touchpoints by id, against the version before."""

    added = serializers.ListField(child=serializers.UUIDField())
    removed = serializers.ListField(child=serializers.UUIDField())
    kept = serializers.ListField(child=serializers.UUIDField())


class PublishedOut(VersionOut):
    """A version that was published, or would be."""

    elements = ElementChangesOut()
    changes = ChangeOut(many=True, required=False, help_text="Of a dry run: every difference.")


def etag_of_version(row: Row) -> str:
    """Return the ETag: the digest, and the number because a later version may have the same content."""
    return f'"v{row.number}-{bytes(row.digest).hex()}"'


def version_out(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey_map": row.journey_map_id,
        "number": row.number,
        "digest": bytes(row.digest).hex(),
        "format": row.format,
        "message": row.message,
        "author": {"id": row.author_id, "name": row.author_name},
        "on_behalf_of": row.on_behalf_of,
        "restored_from": row.restored_from,
        "published_at": row.published_at,
        "etag": etag_of_version(row),
    }


def version_bytes_out(row: Row) -> bytes:
    """Return the version with its document, whose stored bytes go out as they are."""
    about = {"etag": etag_of_version(row), "version": version_out(row)}
    return b'{"document":' + queries.version_bytes(row) + b"," + encode(about)[1:]


def published_out(published: Published, *, dry_run: bool = False) -> dict[str, Any]:
    """Return what is said of a publish; a dry run tells every change."""
    elements = {"added": published.added, "removed": published.removed, "kept": published.kept}
    changed = {"changes": _changes(published)} if dry_run else {}
    return {**version_out(published.version), "elements": elements, **changed}


def _changes(published: Published) -> list[dict[str, Any]]:
    """Return every difference to the version before; of the first one, all that it has."""
    version, before = published.version, b"{}"
    if published.previous:
        before = queries.version_bytes(queries.version_numbered(version, published.previous))
    now = queries.version_bytes(version)
    return changes_out(diff(msgspec.json.decode(before), msgspec.json.decode(now)), version.journey_map_id)


def instant_asked(params: dict[str, Any], at: datetime) -> datetime | None:
    """Return the `as_of` of a request; `at` is now. Raises ValidationProblem."""
    asked: datetime | None = params.get("as_of")
    if asked is not None and asked > at:
        raise ValidationProblem([Issue("/as_of", "in_the_future", "An instant that has passed is expected.")])
    return asked
