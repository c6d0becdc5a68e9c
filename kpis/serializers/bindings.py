"""Bindings, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.models.bindings import Binding
from kpis.queries.bindings_past import Stood
from kpis.serializers.clocks import ClockQuery, PastQuery
from kpis.serializers.thresholds import Thresholds, ThresholdsShown
from kpis.series.labels import check_selector
from service.errors import Issue
from service.fields import Instant, StrictChar, StrictInteger
from service.resources import shown_resource
from service.serializers import READ_ONLY, ResourceIn, ResourceOut

_SELECTOR = (
    'Which series of the KPI: each label with its value, or `"*"` for all values summed again. A label that '
    "is not named is absent, so `{}` is the series without labels."
)
_RULES = "Target and thresholds that replace the KPI's here; null or left out: the KPI's."


class SelectorField(serializers.DictField):
    """{label: value or "*"}."""

    child = StrictChar(max_length=200)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        selector: dict[str, str] = super().to_internal_value(data)
        issues = check_selector(selector, "")
        if issues:
            raise serializers.ValidationError([_told(issue) for issue in issues])
        return selector


@extend_schema_field(Thresholds)
class ExactObject(serializers.JSONField):
    """A JSON object whose numbers may be Decimals: what was stored is sent through here again by a PATCH."""

    default_error_messages = {"not_an_object": "A JSON object is expected."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        return data


def _told(issue: Issue) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(issue.detail, code=issue.code)


class BindingIn(ResourceIn):
    echoes = READ_ONLY | {"journey_map", "since", "status", "freshness"}

    kpi = StrictChar(max_length=64, help_text="Id or key of the KPI; it cannot be changed.")
    element = StrictChar(
        required=False,
        allow_null=True,
        default=None,
        max_length=64,
        help_text="Id or key of a stage or touchpoint; null is the map as a whole.",
    )
    selector = SelectorField(required=False, default=dict, help_text=_SELECTOR)
    label = StrictChar(  # type: ignore[assignment]
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="What stands at the figure; empty follows the KPI's name.",
    )
    place = StrictInteger(
        required=False,
        default=0,
        min_value=0,
        max_value=10_000,
        help_text="Order among the figures of one element, lowest first; equals stand as they were made.",
    )
    thresholds = ExactObject(required=False, allow_null=True, default=None, help_text=_RULES)
    valid_from = Instant(
        required=False,
        default=None,
        help_text="From when on this holds; now when left out, never later. Not shown again: see `since`.",
    )


class BindingOut(ResourceOut):
    journey_map = serializers.UUIDField()
    element = serializers.UUIDField(allow_null=True)
    kpi = serializers.UUIDField()
    selector = serializers.DictField(child=serializers.CharField())
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    place = serializers.IntegerField()
    thresholds = ThresholdsShown(allow_null=True, help_text=_RULES)
    since = serializers.DateTimeField(help_text="From when on it has stood so.")
    status = serializers.CharField(
        allow_null=True, help_text="ok, warn, breach, insufficient, missing or unjudged; null once archived."
    )
    freshness = serializers.CharField(allow_null=True, help_text="fresh, late, stale or broken.")


class BindingPastQuery(ClockQuery):
    """Then: where and what it was, by what rules it was judged, and how it stood; key and attributes are
    those of now."""


class MapBindingQuery(PastQuery):
    element = StrictChar(required=False, max_length=64, help_text="Id or key: only what is bound there.")


class BindingQuery(PastQuery):
    kpi = StrictChar(required=False, max_length=64, help_text="Id or key: only the bindings of this KPI.")


def binding_out(row: Binding, state: tuple[str, str] | None) -> Mapping[str, Any]:
    """Return a binding as shown; state: (status, freshness)."""
    status, freshness = state or (None, None)
    return {
        **shown_resource(row),
        "journey_map": row.journey_map_id,
        "element": row.element_id,
        "kpi": row.kpi_id,
        "selector": row.selector,
        "label": row.label,
        "place": row.place,
        "thresholds": row.rules,
        "since": row.valid_from,
        "status": status,
        "freshness": freshness,
    }


def binding_then(row: Binding, stood: Stood) -> Mapping[str, Any]:
    """Return a binding as it stood then."""
    return {
        **binding_out(row, (stood.status, stood.freshness)),
        "element": stood.term.element_id,
        "selector": stood.term.selector,
        "label": stood.term.label,
        "place": stood.term.place,
        "thresholds": stood.rules,
        "since": stood.since,
    }


def binding_in(row: Binding) -> dict[str, Any]:
    """Return what a PATCH merges into: the binding as one would send it."""
    given: dict[str, Any] = {
        "kpi": str(row.kpi_id),
        "element": None if row.element_id is None else str(row.element_id),
        "selector": row.selector,
        "label": row.label,
        "place": row.place,
        "thresholds": row.rules,
        "attributes": row.attributes,
    }
    return given if row.key is None else given | {"key": row.key}
