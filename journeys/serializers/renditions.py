"""Renditions: what is asked for, and how far it is."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from journeys.actions.renditions import Drawing, Form
from journeys.document.validate import parse
from journeys.models import Rendition
from journeys.queries import Moment
from journeys.render.face import Face
from journeys.render.svg.picture import render_svg
from journeys.render.typeset import MEDIA_TYPES, SCALE_MAX
from service.fields import StrictChar, StrictInteger, StrictNumber
from service.serializers import In

WIDTH_MAX = 20_000
_VERSION = r"^(latest|draft|[1-9][0-9]{0,8}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z"


class FormIn(In):
    """How a drawing is rendered."""

    constraints = {
        "dependentSchemas": {
            "scale": {"properties": {"format": {"const": "png"}}},
            "width": {"properties": {"format": {"const": "png"}}, "not": {"required": ["scale"]}},
        }
    }
    format = serializers.ChoiceField(sorted(MEDIA_TYPES), help_text="png or pdf.")
    scale = StrictNumber(
        required=False,
        min_value=0.1,
        max_value=SCALE_MAX,
        help_text="Of a png: pixels for each CSS pixel of the SVG; 1 when left out.",
    )
    width = StrictInteger(
        required=False,
        min_value=16,
        max_value=WIDTH_MAX,
        help_text="Of a png, in pixels; instead of `scale`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("scale", "width"):
            if name in attrs and attrs["format"] != "png":
                detail = "A pdf has no pixels: it can be shown at any size."
                raise serializers.ValidationError({name: serializers.ErrorDetail(detail, "not_for_format")})
        if "scale" in attrs and "width" in attrs:
            detail = "Say one of scale and width."
            raise serializers.ValidationError({"width": serializers.ErrorDetail(detail, "conflicting")})
        return attrs


class RenditionIn(FormIn):
    version = StrictChar(
        required=False,
        max_length=36,
        validators=[RegexValidator(_VERSION, "Use a version's number or id, latest or draft.")],
        help_text="Number or id of a version, `latest`, or `draft`. Absent: the latest, or the draft of a "
        "map that was never published.",
    )


class RenditionOut(serializers.Serializer[Any]):
    """A picture of a map, or how far it is. It is kept for a day after it was last asked for."""

    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    subject = serializers.CharField(help_text="A version's number, `draft`, or `live` with figures.")
    format = serializers.CharField(help_text="png or pdf.")
    width = serializers.IntegerField(help_text="Pixels; of a pdf, CSS pixels.")
    height = serializers.IntegerField()
    state = serializers.CharField(help_text="pending, ready or failed; more may come.")
    detail = serializers.CharField(help_text="Why it failed, or what is not as it should be; else empty.")
    size_bytes = serializers.IntegerField(allow_null=True)
    content = serializers.CharField(help_text="Where the bytes are once it is ready.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()


def form_of(wanted: dict[str, Any]) -> Form:
    return Form(wanted["format"], wanted.get("scale"), wanted.get("width"))


def drawing_of(source: Moment) -> Drawing:
    """Return the drawing of a version or of the draft, without figures, in light colours as on paper."""
    document = parse(source.content)
    version = source.version
    published_at = version.published_at if version else None
    face = Face(
        version=version.number if version else None,
        is_draft=version is None,
        published_at=published_at,
        theme="light",
    )
    return Drawing(render_svg(document, (), face).encode(), source.name, document.name)


def rendition_out(row: Rendition) -> dict[str, Any]:
    """Return the body of a rendition, read with its size or just written."""
    size = row.size if hasattr(row, "size") else len(row.content) if row.content else None
    state = "pending" if row.finished_at is None else "failed" if row.refusal else "ready"
    return {
        "id": row.id,
        "journey_map": row.journey_map_id,
        "subject": row.subject,
        "format": row.format,
        "width": row.width,
        "height": row.height,
        "state": state,
        "detail": row.refusal or row.caveat,
        "size_bytes": size,
        "content": f"{place_of(row)}/content",
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "expires_at": row.expires_at,
    }


def place_of(row: Rendition) -> str:
    return f"/v1/journey-maps/{row.journey_map_id}/renditions/{row.id}"
