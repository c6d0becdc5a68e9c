"""Serializers in and out: unknown names are refused, all issues come at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from service.errors import Issue, ValidationProblem
from service.fields import Attributes, Instant, Slug, StrictChar, StrictInteger, StrictList, ZoneName
from service.problems import issues_of

# A GET's bytes can be sent back: what the server alone sets is accepted and ignored.
READ_ONLY = frozenset({"id", "etag", "created_at", "updated_at", "archived_at"})


class In(serializers.Serializer[Any]):
    """A request body. `merge` fills what a PATCH leaves out from the stored resource."""

    echoes: frozenset[str] = READ_ONLY
    # JSON Schema keywords for the contract: what `validate` enforces beyond the single fields.
    constraints: ClassVar[Mapping[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        """Validate all fields and refuse names that are none, at any depth, in one go."""
        errors: dict[str, Any] = {}
        values: Any = {}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            errors = (
                dict(error.detail) if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            )
        if isinstance(data, Mapping):
            for name in sorted(set(data) - set(self.fields) - self.echoes, key=str):
                errors[name] = [serializers.ErrorDetail("There is no such field here.", "unknown_field")]
        if errors:
            raise serializers.ValidationError(errors)
        return values


class Part(In):
    """An object inside a request body."""

    echoes = frozenset()


class FormsField(serializers.JSONField):
    """An object of one of several forms, as the serializer around it says. Subclass it with `forms`."""

    forms: ClassVar[Sequence[type[In]]]


class Query(In):
    """Query parameters of an operation; each is documented by being declared."""

    echoes = frozenset()


class PageQuery(Query):
    cursor = StrictChar(required=False, max_length=512, help_text="From `next` or `previous`.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


def checked(serializer: type[In], data: Any, *, context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the validated data of `serializer`. Raises ValidationProblem with every issue."""
    if not isinstance(data, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A JSON object is expected.")])
    form = serializer(data=dict(data), context=dict(context or {}))
    if not form.is_valid():
        raise ValidationProblem(issues_of(form.errors))
    return dict(form.validated_data)


@cache
def unasked(query: type[Query]) -> Mapping[str, Any]:
    """Return what an operation goes by where nothing is asked; worked out once, so nobody may change it.

    Raises ValidationProblem where something has to be.
    """
    return checked(query, {})


def merged(current: Mapping[str, Any], patch: Any) -> dict[str, Any]:
    """Return `current` with an RFC 7396 merge patch applied. Raises ValidationProblem."""
    if not isinstance(patch, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    result = dict(current)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            before = result.get(name)
            result[name] = merged(before if isinstance(before, Mapping) else {}, value)
        else:
            result[name] = value
    return result


class ResourceIn(In):
    """What every configurable resource takes besides its own fields."""

    key = Slug(required=False, help_text="Unique in the workspace; accepted wherever an id is.")
    attributes = Attributes(required=False, default=dict, help_text="Up to 50 pairs for your own use.")


class ResourceOut(serializers.Serializer[Any]):
    """What every configurable resource shows besides its own fields."""

    id = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    etag = serializers.CharField(help_text="Send it as If-Match when you change the resource.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


class IssueOut(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON Pointer into the request; empty for the whole.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; branch on this.")
    detail = serializers.CharField()
    request_id = serializers.CharField()
    errors = IssueOut(many=True, required=False)  # type: ignore[assignment]


class WorkspaceIn(In):
    echoes = READ_ONLY | {"limits"}
    name = StrictChar(max_length=200)
    zone = ZoneName(required=False, default="UTC", max_length=64)
    history_from = Instant(required=False)


class WorkspaceOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    zone = serializers.CharField(help_text="Calendar days of the workspace begin here.")
    history_from = serializers.DateTimeField(help_text="Readings before this are refused.")
    limits = serializers.DictField(child=serializers.IntegerField())
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ApiKeyIn(In):
    echoes = READ_ONLY | {"prefix", "last_used_at", "rotating_until"}
    name = StrictChar(max_length=200)
    scopes = StrictList(child=StrictChar(max_length=64), min_length=1, max_length=50)
    expires_at = Instant(required=False)

    def validate_scopes(self, scopes: list[str]) -> list[str]:
        unknown = sorted(set(scopes) - set(settings.SCOPES))
        if unknown:
            raise serializers.ValidationError(f"Unknown scopes: {', '.join(unknown)}.", code="unknown_scope")
        return sorted(set(scopes))


class ApiKeyOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="Names the key in logs; not secret.")
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    rotating_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then the former secret answers too."
    )
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()


class ApiKeySecretOut(ApiKeyOut):
    secret = serializers.CharField(help_text="Shown once.")


class RotationIn(In):
    echoes = frozenset()
    grace_seconds = StrictInteger(required=False, default=86400, min_value=0, max_value=7 * 86400)


class EventOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.CharField(help_text="E.g. map.version_published; new types may come.")
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class EventListOut(serializers.Serializer[Any]):
    results = EventOut(many=True)
    cursor = serializers.CharField(help_text="Send it as `after` to read on; it stays put at the end.")


class EventQuery(Query):
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)
    after = StrictChar(required=False, max_length=64, help_text="`cursor` of the last page read.")


class MeOut(serializers.Serializer[Any]):
    credential_id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    workspace = WorkspaceOut()
