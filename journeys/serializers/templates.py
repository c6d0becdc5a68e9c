"""Templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journeys.queries.templates import Blueprint
from service.errors import Issue, ValidationProblem
from service.fields import StrictChar
from service.resources import shown_resource
from service.serializers import READ_ONLY, Query, ResourceIn, checked, merged

_SAID = ("name", "description", "sector")
_SHOWN = frozenset({"origin", "actor_kind", "stages", "touchpoints", "document"})
_SOURCE = ("journey_map", "version")


class TemplateQuery(Query):
    sector = StrictChar(required=False, max_length=100, help_text="Just templates of this sector.")
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


class TemplateChangeIn(ResourceIn):
    """What is said of a template; its map and version stay."""

    echoes = READ_ONLY | _SHOWN
    name = StrictChar(max_length=200)
    description = StrictChar(max_length=2000, required=False, allow_blank=True, default="")
    sector = StrictChar(max_length=100, required=False, allow_blank=True, default="")
    journey_map = StrictChar(max_length=64, required=False, help_text="As it is.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="As it is."
    )


class TemplateIn(ResourceIn):
    """A published map saved as a template."""

    name = StrictChar(max_length=200)
    description = StrictChar(max_length=2000, required=False, allow_blank=True, default="")
    sector = StrictChar(max_length=100, required=False, allow_blank=True, default="")
    journey_map = StrictChar(max_length=64, help_text="Id or key of the map.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Its number; the latest when left out."
    )


@extend_schema_field({"$ref": "#/components/schemas/Document"})
class _DocumentField(serializers.Field[Any, Any, Any, Any]):
    pass


class TemplateSummaryOut(serializers.Serializer[Any]):
    """A template without its document."""

    id = serializers.UUIDField(allow_null=True, help_text="null where it is shipped: it goes by its key.")
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    description = serializers.CharField()
    sector = serializers.CharField()
    origin = serializers.CharField(help_text="shipped or own.")
    actor_kind = serializers.CharField()
    stages = serializers.IntegerField()
    touchpoints = serializers.IntegerField()
    journey_map = serializers.UUIDField(allow_null=True, help_text="The map that it was saved from.")
    version = serializers.IntegerField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    etag = serializers.CharField(help_text="Send it as If-Match when you change the template.")
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)


class TemplateOut(TemplateSummaryOut):
    document = _DocumentField(help_text="What a map made from it starts with; its elements get new ids.")


def template_in(raw: Any) -> tuple[dict[str, Any], str, int | None]:
    """Return (what is said of it, map, version or None). Raises ValidationProblem."""
    values = checked(TemplateIn, raw)
    return _said(values), str(values["journey_map"]), values.get("version")


def template_change_in(found: Blueprint, patch: Any) -> dict[str, Any]:
    """Return what is said of a template after a merge patch. Raises ValidationProblem."""
    shown = {name: value for name, value in template_summary(found).items() if value is not None}
    values = checked(TemplateChangeIn, merged(shown, patch))
    changed = [name for name in _SOURCE if str(values.get(name, shown.get(name))) != str(shown.get(name))]
    if changed:
        detail = "Save another template: what maps were made from stays what it was."
        raise ValidationProblem([Issue(f"/{name}", "read_only", detail) for name in changed])
    return _said(values)


def template_summary(found: Blueprint) -> dict[str, Any]:
    row = found.row
    stored = shown_resource(row) if row else dict.fromkeys(("id", "created_at", "updated_at", "archived_at"))
    return {
        "attributes": {},
        **stored,
        "etag": found.etag,
        "key": found.key,
        "name": found.name,
        "description": found.description,
        "sector": found.sector,
        "origin": "own" if row else "shipped",
        "actor_kind": found.actor_kind,
        "stages": found.stages,
        "touchpoints": found.touchpoints,
        "journey_map": str(row.journey_map_id) if row else None,
        "version": row.version if row else None,
    }


def template_out(found: Blueprint) -> dict[str, Any]:
    return template_summary(found) | {"document": found.document}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: values[name] for name in _SAID}
    return said | {"key": values.get("key"), "attributes": values["attributes"]}
