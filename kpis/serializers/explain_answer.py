"""How a figure was made, as shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers

from kpis.queries.explain import Explained
from kpis.queries.explain_feeds import FeedSaid
from kpis.queries.explain_readings import MOST, PARTS, Bearing
from kpis.serializers.explain_links import ExplainLinks, explain_series, labels_text
from kpis.serializers.kpis import NumberOut
from kpis.serializers.kpis_base import BaseOut, base_out
from kpis.serializers.kpis_points_answer import PointOut, point_out
from kpis.serializers.live_figure import (
    LiveIntervalOut,
    LiveLimitOut,
    LiveThresholdsOut,
    LiveTrendOut,
    LiveWindowOut,
)
from kpis.serializers.readings import ReadingOut, reading_out
from kpis.series.formula import Filled, fill, fill_derived
from kpis.series.gaps import Drawn
from kpis.series.live_parts import iso
from kpis.series.reading_id import reading_id
from kpis.series.restated import WHYS
from kpis.series.sums import Sums
from kpis.series.value import n_of, value

MOST_LISTED = 50
_JUDGED = (
    "status",
    "certainty",
    "reason",
    "since",
    "interval",
    "window",
    "limit",
    "direction",
    "target",
    "thresholds",
    "target_gap",
    "trend",
    "freshness",
    "fresh_until",
    "caveats",
)
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
    name = serializers.CharField()
    broken = serializers.BooleanField()
    deduplicated = serializers.IntegerField(
        help_text="Readings of this feed, of whatever KPI, that it told again since the first of these: "
        "counted once. Of its first 10,000 runs or messages since then."
    )
    last = FeedLastOut(allow_null=True, help_text="Its last run or message.")
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


def explained_out(one: Explained) -> Mapping[str, Any]:
    """Return the explanation as shown."""
    row, question, definition = one.figure.row, one.figure.question, one.definition
    filled = _filled(one)
    own = one.figure.meant[row.id].definition
    links = ExplainLinks(row.id, question)
    return {
        "kpi": row.id,
        "key": row.key,
        "name": row.name,
        "binding": one.figure.binding.id if one.figure.binding is not None else None,
        "kind": definition.kind,
        "method": definition.method,
        "unit": definition.unit,
        "currency": definition.currency,
        "labels": question.selector,
        "as_of": question.as_of,
        "known_at": question.known_at,
        "point": one.point and point_out(Drawn(one.point), one.course, own, question.as_of, links),
        "settled_at": one.settled_at,
        "formula": {
            "formula": filled.formula,
            "filled": filled.filled,
            "terms": dict(filled.terms),
            "source": definition.row.source,
        },
        "revisions": _revisions(one),
        "shares": _shares(one),
        "feeds": [_feed(feed) for feed in one.feeds],
        "readings": _readings(one),
        "bases": [base_out(base) for base in one.bases],
        "inputs": _inputs(one),
        "restated": _restated(one),
        "total": _total(one),
        "judgement": one.judged and {name: one.judged.state.entry[name] for name in _JUDGED},
    }


def _filled(one: Explained) -> Filled:
    definition, point = one.definition, one.point
    figure = None if point is None else point.value
    if definition.expression is None:
        return fill(definition, Sums() if point is None else point.sums, figure)
    names = {str(each.row.id): each.row.key or str(each.row.id) for each in one.inputs}
    values = {str(each.row.id): None if each.point is None else each.point.value for each in one.inputs}
    return fill_derived(definition.expression, names, values, figure)


def _revisions(one: Explained) -> list[Mapping[str, Any]]:
    as_of = one.figure.question.as_of
    held = [row.number for row in one.revisions if row.valid_from <= as_of or row.number == 1]
    return [
        {
            "number": row.number,
            "measure": row.measure,
            "valid_from": row.valid_from,
            "recorded_at": row.recorded_at,
            "applied": bool(held) and row.number == held[-1],
        }
        for row in one.revisions
    ]


def _shares(one: Explained) -> list[Mapping[str, Any]]:
    if not one.told.complete:
        return []
    kpi_id, definition = one.figure.row.id, one.definition
    labels = {reading.reading.ref.series_id: reading.reading.labels for reading in one.told.readings}
    measures = {series.id: series.measure for series in one.series}
    return [
        {
            "labels": labels[series_id],
            "measure": measures[series_id],
            "feed": feed,
            "readings": readings,
            "numerator": sums.numerator,
            "denominator": sums.denominator,
            "total": sums.total,
            "n": n_of(sums),
            "value": None if definition.stocked else value(definition, sums),
            "explain": explain_series(kpi_id, labels[series_id]),
        }
        for (series_id, feed), (readings, sums) in one.told.shares().items()
    ]


def _feed(feed: FeedSaid) -> Mapping[str, Any]:
    of_source = feed.kind == "source"
    return {
        "id": feed.id,
        "kind": feed.kind,
        "name": feed.name,
        "broken": feed.broken,
        "deduplicated": feed.repeats,
        "last": feed.last_id
        and {
            "id": feed.last_id,
            "at": feed.last_at,
            "status": feed.last_status,
            "error": feed.last_error,
            "counts": feed.last_counts,
        },
        "url": f"/v1/sources/{feed.id}/runs" if of_source else f"/v1/inbound-events?endpoint={feed.id}",
    }


def _readings(one: Explained) -> Mapping[str, Any]:
    told, feeds = one.told, {feed.id: feed for feed in one.feeds}
    used = [each for each in told.readings if each.part == "used"]
    others = [each for each in told.readings if each.part != "used"]
    return {
        "counts": dict.fromkeys(PARTS, 0) | told.counts,
        "complete": told.complete,
        "used": [_bearing(each, feeds) for each in used[:MOST_LISTED]],
        "others": [_bearing(each, feeds) for each in others[:MOST_LISTED]],
        "url": _all_readings(one),
    }


def _bearing(each: Bearing, feeds: Mapping[Any, FeedSaid]) -> Mapping[str, Any]:
    shown = reading_out(each.reading)
    feed = feeds.get(each.reading.feed_id)
    raw = None
    if feed is not None:
        cause = f"/v1/inbound-events/{each.reading.cause_id}"
        raw = f"/v1/sources/{feed.id}/runs" if feed.kind == "source" else cause
    return {**shown, "part": each.part, "url": f"/v1/readings/{shown['id']}", "raw": raw}


def _all_readings(one: Explained) -> str:
    """Those that end in the period; of what was never told, all of the labels."""
    said = {"kpi": str(one.figure.row.id), "labels": labels_text(one.figure.question.selector)}
    if one.point is not None:
        said |= {"from": iso(one.point.start or one.point.end), "to": iso(one.point.end)}
    return "/v1/readings?" + urlencode({name: text for name, text in said.items() if text}, safe=":")


def _inputs(one: Explained) -> list[Mapping[str, Any]]:
    inputs: list[Mapping[str, Any]] = []
    for each in one.inputs:
        address = explain_series(each.row.id, each.question.selector)
        if one.point is not None:
            address = ExplainLinks(each.row.id, each.question).of(one.point)
        inputs.append(
            {
                "kpi": each.row.id,
                "key": each.row.key,
                "name": each.row.name,
                "value": each.point and each.point.value,
                "explain": address,
            }
        )
    return inputs


def _total(one: Explained) -> Mapping[str, Any] | None:
    if one.total is None or one.point is None or one.definition.total is None:
        return None
    compared = one.total.compared
    return {
        "label": one.definition.total.label,
        "sent": compared.sent.value,
        "summed": compared.summed.value,
        "agrees": not compared.members,
        "differs_in": list(compared.members),
        "explain": ExplainLinks(one.figure.row.id, one.total.question).of(one.point),
    }


def _restated(one: Explained) -> Mapping[str, Any] | None:
    if one.restated is None:
        return None
    said = one.restated
    return {
        "was": said.was.value,
        "n": said.was.n,
        "at": said.at,
        "why": said.why,
        "reason": said.reason,
        "reading": said.by and reading_id(said.by.ref),
    }
