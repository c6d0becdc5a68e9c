"""Notices and silences, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.models.notices import Notice, Silence
from kpis.serializers.bindings import SelectorField
from kpis.series.finding import SEVERITIES
from kpis.series.notice import OCCASIONS
from service.fields import Instant, StrictBoolean, StrictChar, StrictList
from service.resources import shown_resource
from service.serializers import READ_ONLY, PageQuery, Part, ResourceIn, ResourceOut

_KIND = r"^[a-z][a-z0-9_]{0,31}\Z"


class Refs(StrictList):
    """Ids or keys."""

    def __init__(self, what: str) -> None:
        super().__init__(
            child=StrictChar(max_length=64),
            required=False,
            default=list,
            max_length=100,
            help_text=f"Ids or keys: findings of one of these {what}; empty: of any, or of none.",
        )


class FindingSelectorIn(Part):
    """Which findings: what is left out may be anything."""

    kinds = StrictList(
        child=serializers.RegexField(_KIND, trim_whitespace=False),
        required=False,
        default=list,
        max_length=50,
        help_text="One of these kinds; what a `restated` finding gathers counts as well.",
    )
    severity = serializers.ChoiceField(
        SEVERITIES, required=False, default="info", help_text="This severity, or worse."
    )
    kpis = Refs("KPIs")
    sources = Refs("sources")
    journey_maps = Refs("maps, as they show there")
    labels = SelectorField(
        required=False, default=dict, help_text="These labels, among others; `*` is any value."
    )


class FindingSelectorOut(serializers.Serializer[Any]):
    kinds = serializers.ListField(child=serializers.CharField())
    severity = serializers.CharField()
    kpis = serializers.ListField(child=serializers.UUIDField())
    sources = serializers.ListField(child=serializers.UUIDField())
    journey_maps = serializers.ListField(child=serializers.UUIDField())
    labels = serializers.DictField(child=serializers.CharField())


class NoticeIn(ResourceIn):
    name = StrictChar(max_length=200)
    enabled = StrictBoolean(required=False, default=True)
    selector = FindingSelectorIn(required=False, default=dict)
    occasions = StrictList(
        child=serializers.ChoiceField(OCCASIONS),
        required=False,
        default=lambda: list(OCCASIONS),
        min_length=1,
        max_length=len(OCCASIONS),
        help_text="What is told: that one opened (or opened again), changed, closed.",
    )
    tell = StrictList(
        child=StrictChar(max_length=100),
        required=False,
        default=list,
        max_length=20,
        help_text="Words that its events carry, for whoever reads the feed: a team, a channel.",
    )


class NoticeOut(ResourceOut):
    name = serializers.CharField()
    enabled = serializers.BooleanField()
    selector = FindingSelectorOut()
    occasions = serializers.ListField(child=serializers.CharField())
    tell = serializers.ListField(child=serializers.CharField())


class SilenceIn(ResourceIn):
    echoes = READ_ONLY | {"author", "author_name", "holds"}

    selector = FindingSelectorIn(required=False, default=dict)
    starts_at = Instant(required=False, default=None, help_text="Now, when left out.")
    ends_at = Instant(help_text="At most 366 days later.")
    reason = StrictChar(max_length=1000)


class SilenceOut(ResourceOut):
    selector = FindingSelectorOut()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField()
    author = serializers.UUIDField(allow_null=True)
    author_name = serializers.CharField(allow_blank=True)


class SilenceQuery(PageQuery):
    holding_at = Instant(required=False, help_text="Those that hold at that instant.")


def notice_out(row: Notice) -> dict[str, Any]:
    names = ("name", "enabled", "selector", "occasions", "tell")
    return {**shown_resource(row), **{name: getattr(row, name) for name in names}}


def notice_given(row: Notice) -> dict[str, Any]:
    """Return what a PATCH merges into."""
    names = ("attributes", "name", "enabled", "selector", "occasions", "tell")
    given = {name: getattr(row, name) for name in names}
    return given if row.key is None else given | {"key": row.key}


def silence_out(row: Silence) -> dict[str, Any]:
    names = ("selector", "starts_at", "ends_at", "reason", "author", "author_name")
    return {**shown_resource(row), **{name: getattr(row, name) for name in names}}


def silence_given(row: Silence) -> dict[str, Any]:
    """Return what a PATCH merges into."""
    given: dict[str, Any] = {
        "attributes": row.attributes,
        "selector": row.selector,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "reason": row.reason,
    }
    return given if row.key is None else given | {"key": row.key}
