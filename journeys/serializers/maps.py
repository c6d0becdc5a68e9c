"""Maps, personas, view tokens: bodies in, and rows as they are shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys import queries
from journeys.document.canonical import to_plain
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse, parse_persona
from journeys.models import JourneyMap, Persona
from service.errors import Issue, ValidationProblem
from service.fields import Instant, StrictChar
from service.models import Credential
from service.preconditions import etag_of
from service.resources import shown_resource
from service.serializers import READ_ONLY, In, PageQuery, ResourceIn, ResourceOut


class DocumentField(serializers.JSONField):
    """A whole document; what is wrong with it is said by the document's own rules."""


class MapIn(ResourceIn):
    """A new map: a document, or at least a name."""

    name = StrictChar(required=False, max_length=200, help_text="In place of a document that says no more.")
    document = DocumentField(required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("name" in values) == ("document" in values):
            raise serializers.ValidationError("Give either a document or a name.", code="one_of")
        return values


def document_in(values: dict[str, Any]) -> Document:
    """Return the document of a new map. Raises InvalidDocument with pointers into the request."""
    if "document" not in values:
        return parse({"name": values["name"]})
    raw = values["document"]
    if not isinstance(raw, dict):
        raise ValidationProblem([Issue("/document", "not_an_object", "A document is a JSON object.")])
    try:
        return parse({name: value for name, value in raw.items() if name != "etag"})
    except InvalidDocument as refusal:
        raise refusal.under("/document") from None


class MapPatchIn(ResourceIn):
    """What may be changed of a map; its name follows the draft."""

    echoes = READ_ONLY | {"name", "last_version", "draft"}


class DraftSummaryOut(serializers.Serializer[Any]):
    etag = serializers.CharField()
    updated_at = serializers.DateTimeField()


class MapOut(ResourceOut):
    name = serializers.CharField(help_text="Follows the draft.")
    last_version = serializers.IntegerField(help_text="0 while nothing is published.")
    draft = DraftSummaryOut()


def map_out(row: JourneyMap) -> dict[str, Any]:
    draft = row.draft
    return {
        **shown_resource(row),
        "name": row.name,
        "last_version": row.last_version,
        "draft": {
            "etag": queries.etag_of_draft(draft),
            "updated_at": draft.updated_at,
        },
    }


class MapQuery(PageQuery):
    key = StrictChar(required=False, max_length=64, help_text="Exactly this key.")
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


def persona_out(row: Persona) -> dict[str, Any]:
    """The persona with every member of its profile, the empty ones too."""
    entry = parse_persona(queries.plain_persona(row))
    profile = entry.model_dump(mode="json", by_alias=True)
    return {**profile, **shown_resource(row)}


def persona_in(raw: Any) -> PersonaEntry:
    """Return the profile that a body describes; what the server alone sets is passed over.

    Raises ValidationProblem.
    """
    if not isinstance(raw, dict):
        raise ValidationProblem([Issue("", "not_an_object", "A JSON object is expected.")])
    entry = parse_persona({name: value for name, value in raw.items() if name not in READ_ONLY})
    if not entry.name:
        raise ValidationProblem([Issue("/name", "required", "A persona of the library has a name.")])
    return entry


def persona_given(row: Persona) -> dict[str, Any]:
    """Return what a patch of the persona applies to."""
    plain = to_plain(parse_persona(queries.plain_persona(row)))
    return {name: value for name, value in plain.items() if name not in READ_ONLY}


class ViewTokenIn(In):
    journey_map = StrictChar(max_length=64, help_text="Id or key of the map that the link shows.")
    name = StrictChar(max_length=200, help_text="Whom it is for.")
    expires_at = Instant(required=False)


class ViewTokenOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="Names the token in logs; not secret.")
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()


class ViewTokenSecretOut(ViewTokenOut):
    url = serializers.CharField(help_text="Opens in any browser; shown once, as its path is a secret.")


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
