"""How a figure was made, as it is told: the shape of the answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.queries.explain_readings import MOST, PARTS
from kpis.serializers.kpis import NumberOut
from kpis.serializers.kpis_base import BaseOut
from kpis.serializers.kpis_points_answer import PointOut
from kpis.serializers.live_figure import (
    LiveIntervalOut,
    LiveLimitOut,
    LiveThresholdsOut,
    LiveTrendOut,
    LiveWindowOut,
)
from kpis.serializers.readings_answer import ReadingOut
from kpis.series.restated import WHYS

MOST_LISTED = 50
_PARTS_HELP = "; ".join(f"{name}: {what}" for name, what in PARTS.items())


class FormulaOut(serializers.Serializer[Any]):
    formula: Any = serializers.CharField(help_text="As in `/v1/kpi-kinds`; of a derived KPI its expression.")
    filled = serializers.CharField(
        allow_null=True, help_text="The same with the numbers; rounded to 12 digits it is the value."
    )
    terms = serializers.DictField(
        child=NumberOut(),
        help_text="numerator, denominator, top, bottom, total, n, last, as_sent; or the KPIs by key.",
    )
    source = serializers.CharField(help_text="Where the formula comes from.")  # type: ignore[assignment]


class AppliedRevisionOut(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    measure = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    applied = serializers.BooleanField(help_text="The figure was worked out by it.")


class ShareOut(serializers.Serializer[Any]):
    """What a series, as told by one feed, has in the figure; by itself it would be `value`."""

    labels = serializers.DictField(child=serializers.CharField())
    measure = serializers.IntegerField()
    feed = serializers.UUIDField(allow_null=True, help_text="Source or endpoint; null: the API.")
    readings = serializers.IntegerField(help_text="Of it that are used.")
    numerator = NumberOut(allow_null=True)
    denominator = NumberOut(allow_null=True)
    total = NumberOut(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    value = NumberOut(allow_null=True, help_text="Null also of a stock, where it needs the base.")
    explain = serializers.CharField(help_text="The last figure of these labels.")


class FeedLastOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    status = serializers.CharField()
    error = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())


class ExplainFeedOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="source or endpoint.")
    name = serializers.CharField(help_text="The one that it has now.")
    broken = serializers.BooleanField()
    deduplicated = serializers.IntegerField(
        help_text="How often the feed told readings of this figure again: counted once. Of its first 10,000 "
        "runs or messages that told something again, from a day before the first of these was recorded; of "
        "each at most the 500 stretches of periods, or instants, that it told again most."
    )
    last = FeedLastOut(allow_null=True, help_text="Its last run or message, by then.")
    url = serializers.CharField(help_text="Its runs or messages.")


class BearingOut(ReadingOut):
    part = serializers.CharField(help_text=_PARTS_HELP)
    url = serializers.CharField(help_text="The reading by itself.")
    raw = serializers.CharField(
        allow_null=True, help_text="The message that brought it, or the runs of its source; null: the API."
    )


class BearingsOut(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text=_PARTS_HELP)
    complete = serializers.BooleanField(help_text=f"False: there are more than {MOST}; only so many count.")
    used = BearingOut(many=True, help_text=f"The first {MOST_LISTED} that are in the figure.")
    others = BearingOut(many=True, help_text=f"The first {MOST_LISTED} that are not.")
    url = serializers.CharField(help_text="All of them, page by page.")


class InputOut(serializers.Serializer[Any]):
    kpi = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    value = NumberOut(allow_null=True)
    explain = serializers.CharField()


class ExplainRestatedOut(serializers.Serializer[Any]):
    was = NumberOut(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(help_text="When it was changed last, after it had settled.")
    why = serializers.CharField(help_text=f"One of: {', '.join(WHYS)}.")
    reason = serializers.CharField(allow_null=True)
    reading = serializers.CharField(
        allow_null=True, help_text="Id of the reading that changed it; null of what is made of KPIs."
    )


class ExplainTotalOut(serializers.Serializer[Any]):
    """A total that was sent beside the sum of its parts."""

    label = serializers.CharField(help_text="What tells the parts apart.")  # type: ignore[assignment]
    sent = NumberOut(allow_null=True)
    summed = NumberOut(allow_null=True)
    agrees = serializers.BooleanField(help_text="Within the tolerance of the KPI.")
    differs_in = serializers.ListField(
        child=serializers.CharField(), help_text="value, n, numerator or denominator."
    )
    explain = serializers.CharField(help_text="How the other of the two was made.")


class ExplainJudgementOut(serializers.Serializer[Any]):
    """As in an entry of the live map."""

    status = serializers.CharField(help_text="ok, warn, breach, insufficient, missing or unjudged.")
    certainty = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    interval = LiveIntervalOut(allow_null=True)
    window = LiveWindowOut(allow_null=True)
    limit = LiveLimitOut(allow_null=True, help_text="The line that decided.")
    direction = serializers.CharField()
    target = serializers.JSONField(help_text="A number, {low, high}, or null.")
    thresholds = LiveThresholdsOut(allow_null=True)
    target_gap = serializers.FloatField(allow_null=True)
    trend = LiveTrendOut(allow_null=True)
    freshness = serializers.CharField()
    fresh_until = serializers.DateTimeField(allow_null=True)
    caveats = serializers.ListField(child=serializers.CharField())


class ExplainOut(serializers.Serializer[Any]):
    kpi = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    binding = serializers.UUIDField(allow_null=True)
    kind = serializers.CharField()
    method = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    labels = serializers.DictField(child=serializers.CharField())
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    point = PointOut(allow_null=True, help_text="As in the KPI's points; null: nothing was ever told.")
    settled_at = serializers.DateTimeField(allow_null=True, help_text="When its late figures were in.")
    feedback = serializers.CharField(
        allow_null=True,
        help_text="The address of what people said in its period to it and where it is bound.",
    )
    formula: Any = FormulaOut()
    revisions = AppliedRevisionOut(many=True, help_text="The revisions of the measure that the figure is of.")
    shares = ShareOut(many=True, help_text="By label set and feed; empty where readings are incomplete.")
    feeds = ExplainFeedOut(many=True)
    readings = BearingsOut()
    bases = BaseOut(many=True, help_text="Of a stock: what it stands on, with the drift of each.")
    inputs = InputOut(many=True, help_text="The KPIs that it is made of, if it is.")
    restated = ExplainRestatedOut(allow_null=True)
    total = ExplainTotalOut(
        allow_null=True, help_text="Of a KPI that names its totals, where both have a figure."
    )
    judgement = ExplainJudgementOut(
        allow_null=True,
        help_text="Null while it is running or settling, or in longer periods than the KPI's.",
    )
