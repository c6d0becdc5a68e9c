"""Improvements, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from kpis.models.improvements import Improvement
from kpis.serializers.bindings import SelectorField
from kpis.serializers.kpis import ExactNumber, NumberOut
from kpis.series.exact import rounded
from service.fields import Instant, StrictChar, StrictList
from service.resources import shown_resource
from service.serializers import READ_ONLY, PageQuery, Part, ResourceIn, ResourceOut

_STATUSES = ("planned", "live", "withdrawn")
_LEAST, _MOST = Decimal("1e-9"), Decimal(10) ** 15
_AIMS = "KPIs that it is meant to move; with none named, those bound at its elements are measured."


class Size(ExactNumber):
    """How far a figure is to move, without its sign."""

    constraints = {"minimum": 1e-9, "maximum": 1e15}
    default_error_messages = {"range": "A number from 1e-9 to 1e15; the direction says its sign."}

    def to_internal_value(self, data: Any) -> Decimal:
        number = super().to_internal_value(data)
        if not number.is_finite() or not _LEAST <= number <= _MOST:
            self.fail("range")
        return rounded(number)


class AimIn(Part):
    """A KPI, and what is hoped for."""

    kpi = StrictChar(max_length=64, help_text="Id or key of the KPI.")
    labels = SelectorField(
        required=False, default=dict, help_text='Which series: each label with its value, or `"*"`.'
    )
    direction = serializers.ChoiceField(
        ("up", "down"),
        required=False,
        allow_null=True,
        default=None,
        help_text="Where the figure is to go: not the same as better.",
    )
    by = Size(
        required=False,
        allow_null=True,
        default=None,
        help_text="… by at least so much, in the KPI's unit (a ratio's is 0..1); needs `direction`.",
    )


class ImprovementLinkIn(Part):
    """A ticket, a release, a study."""

    text = StrictChar(required=False, allow_blank=True, default="", max_length=200)
    href = serializers.RegexField(
        r"^(https?://|mailto:)\S+$",
        max_length=2000,
        trim_whitespace=False,
        help_text="Absolute http, https or mailto address.",
    )


class ImprovementIn(ResourceIn):
    echoes = READ_ONLY | {"status"}

    journey_map = StrictChar(max_length=64, help_text="Id or key of the map; it cannot be changed.")
    title = StrictChar(max_length=200, help_text="What was changed, as it stands at the marker.")
    description = StrictChar(required=False, allow_blank=True, default="", max_length=4000)
    at = Instant(help_text="When the real change took effect; ahead of now it is planned.")
    until = Instant(
        required=False, allow_null=True, default=None, help_text="When it was taken back, if it was."
    )
    elements = StrictList(
        child=StrictChar(max_length=64),
        required=False,
        default=list,
        max_length=100,
        help_text="Ids or keys of stages and touchpoints of the map; none: the map as a whole.",
    )
    kpis = StrictList(child=AimIn(), required=False, default=list, max_length=20, help_text=_AIMS)
    links = StrictList(child=ImprovementLinkIn(), required=False, default=list, max_length=20)


class AimOut(serializers.Serializer[Any]):
    kpi = serializers.UUIDField()
    labels = serializers.DictField(child=serializers.CharField())
    direction = serializers.CharField(allow_null=True)
    by = NumberOut(allow_null=True)


class ImprovementLinkOut(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True)
    href = serializers.CharField()


class ImprovementOut(ResourceOut):
    """A dated change to the real journey; `…/effect` tells what the figures did around it."""

    journey_map = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField(
        help_text="planned (`at` is to come), live, or withdrawn (`until` is past); time alone changes it."
    )
    elements = serializers.ListField(child=serializers.UUIDField())
    kpis = AimOut(many=True)
    links = ImprovementLinkOut(many=True)


class ImprovementQuery(PageQuery):
    journey_map = StrictChar(required=False, max_length=64, help_text="Id or key: only those of this map.")
    element = StrictChar(
        required=False,
        max_length=64,
        help_text="Id of a stage or touchpoint (or, beside `journey_map`, its key): only those made there.",
    )
    kpi = StrictChar(required=False, max_length=64, help_text="Id or key: only those meant to move it.")
    status = serializers.ChoiceField(_STATUSES, required=False, help_text="As they stand now.")


def improvement_out(row: Improvement, at: datetime) -> dict[str, Any]:
    """Return an improvement as shown at an instant."""
    return {
        **shown_resource(row),
        "journey_map": row.journey_map_id,
        "title": row.title,
        "description": row.description,
        "at": row.effective_at,
        "until": row.until,
        "status": row.status(at),
        "elements": row.elements,
        "kpis": row.aims,
        "links": row.links,
    }


def improvement_given(row: Improvement) -> Mapping[str, Any]:
    """Return what a PATCH merges into."""
    given: dict[str, Any] = {
        "key": row.key,
        "attributes": row.attributes,
        "journey_map": str(row.journey_map_id),
        "title": row.title,
        "description": row.description,
        "at": row.effective_at.isoformat(),
        "until": None if row.until is None else row.until.isoformat(),
        "elements": [str(one) for one in row.elements],
        "kpis": row.aims,
        "links": row.links,
    }
    return {name: value for name, value in given.items() if value is not None}
