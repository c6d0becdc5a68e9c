"""One figure of the live map, as shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.series.restated import WHYS


class LiveIntervalOut(serializers.Serializer[Any]):
    method = serializers.CharField(help_text="wilson, multinomial, t, or census for a full count.")
    low = serializers.FloatField(required=False)
    high = serializers.FloatField(required=False)


class LivePeriodOut(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(help_text="Exclusive.")
    label = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="2026-10, 2026-W42 …, in the KPI's zone."
    )


class LiveTrendOut(serializers.Serializer[Any]):
    previous = serializers.FloatField()
    delta = serializers.FloatField()
    verdict = serializers.CharField(allow_null=True, help_text="better, worse or flat.")


class LiveBandOut(serializers.Serializer[Any]):
    low = serializers.FloatField(allow_null=True, help_text="Below it the figure is so judged.")
    high = serializers.FloatField(allow_null=True, help_text="Above it the figure is so judged.")


class LiveThresholdsOut(serializers.Serializer[Any]):
    warn = LiveBandOut(required=False)
    breach = LiveBandOut(required=False)


class LiveWindowOut(serializers.Serializer[Any]):
    """The figure that was judged, where it is of several periods, as one had too few observations."""

    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    interval = LiveIntervalOut(allow_null=True)
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(help_text="Exclusive.")
    periods = serializers.IntegerField(help_text="How many, those without a figure included.")


class LiveRelativeOut(serializers.Serializer[Any]):
    """How a line was laid down that is no plain number: `times` the figure, or `plus` it."""

    to = serializers.CharField(help_text="target, baseline or before.")
    times = serializers.FloatField(allow_null=True)
    plus = serializers.FloatField(allow_null=True)
    figure = serializers.FloatField(allow_null=True, help_text="What it was relative to, then.")
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(allow_null=True, help_text="Exclusive.")


class LiveLimitOut(serializers.Serializer[Any]):
    """The line that decides: the one that was crossed, or would be crossed first."""

    level = serializers.CharField(help_text="warn or breach.")
    side = serializers.CharField(help_text="low or high.")
    line = serializers.FloatField()
    judged_by = serializers.CharField(help_text="interval or figure.")
    relative = LiveRelativeOut(allow_null=True)


class LiveRunningOut(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    elapsed = serializers.FloatField(help_text="Share of the period that its readings speak of.")
    period = LivePeriodOut(allow_null=True)


class LiveResponseOut(serializers.Serializer[Any]):
    """Of how many who were asked a survey's figure is."""

    invited = serializers.FloatField()
    rate = serializers.FloatField(allow_null=True, help_text="The share that answered.")


class LiveRestatedOut(serializers.Serializer[Any]):
    """What the figure was when it was first shown, before it was told otherwise."""

    was = serializers.FloatField()
    n = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(help_text="When it was changed last.")
    why = serializers.CharField(help_text=f"One of: {', '.join(WHYS)}.")
    reason = serializers.CharField(allow_null=True)


class LiveEntryOut(serializers.Serializer[Any]):
    """One figure: of the last complete period, with the running one apart."""

    binding = serializers.UUIDField()
    kpi = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    kind = serializers.CharField()
    method = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    feeds = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Of a KPI that combines feeds: those that the figure is made of, by id, or `api`.",
    )
    interval = LiveIntervalOut(allow_null=True)
    period = LivePeriodOut(allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    drift = serializers.FloatField(
        allow_null=True, help_text="Of a base given in the period: it less what was expected of it."
    )
    status = serializers.CharField(help_text="ok, warn, breach, insufficient, missing or unjudged.")
    certainty = serializers.CharField(allow_null=True, help_text="clear or within_noise.")
    reason = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    window = LiveWindowOut(allow_null=True)
    limit = LiveLimitOut(allow_null=True)
    response = LiveResponseOut(allow_null=True)
    restated = LiveRestatedOut(allow_null=True)
    freshness = serializers.CharField(help_text="fresh, late, stale or broken.")
    fresh_until = serializers.DateTimeField(allow_null=True)
    direction = serializers.CharField(help_text="up, down, range or none.")
    target = serializers.JSONField(help_text="A number, {low, high}, or null.")
    thresholds = LiveThresholdsOut(allow_null=True, help_text="The lines that the figure was judged by.")
    target_gap = serializers.FloatField(allow_null=True)
    trend = LiveTrendOut(allow_null=True)
    spark = serializers.ListField(
        child=serializers.ListField(), help_text="The last 30 periods: [end, value or null], oldest first."
    )
    suspects = serializers.ListField(
        child=serializers.ListField(),
        help_text="Readings beyond what is plausible, left out of all else until they are confirmed: "
        "[end, value or null], oldest first.",
    )
    definition_break = serializers.DateTimeField(allow_null=True)
    running = LiveRunningOut(allow_null=True)
    emotion = serializers.FloatField(allow_null=True)
    caveats = serializers.ListField(child=serializers.CharField())
