"""Points of a KPI, as shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework import serializers

from kpis.models.definitions import Kpi
from kpis.queries.points_kpi import Course, Question, drawn, parts_of
from kpis.queries.points_unmatched import unmatched
from kpis.serializers.explain_links import ExplainLinks
from kpis.serializers.kpis import NumberOut
from kpis.serializers.kpis_points import MOST_POINTS, too_many_points
from kpis.series.definition import Definition
from kpis.series.gaps import Drawn
from kpis.series.intake_sides import takes_sides
from kpis.series.interval import interval
from kpis.series.period import is_complete, period_of
from kpis.series.point import Point
from kpis.series.response import Response
from kpis.series.restated import WHYS, Restated
from kpis.series.value import n_of, value


class IntervalOut(serializers.Serializer[Any]):
    low = NumberOut(allow_null=True)
    high = NumberOut(allow_null=True)
    method = serializers.CharField(
        help_text="wilson, multinomial, t or order (95 %), or census: a full count."
    )


class SuspectOut(serializers.Serializer[Any]):
    id = serializers.CharField(
        allow_null=True,
        help_text="What `POST /v1/readings/{id}/confirmations` takes, where the whole figure is doubted; "
        "null: its readings are confirmed one by one, `/v1/readings?suspect=true` lists them.",
    )
    readings = serializers.IntegerField(
        help_text="How many wait to be confirmed, none of them in `value`; 1 of a figure doubted as a whole."
    )
    value = NumberOut(allow_null=True, help_text="The figure that they make by themselves.")
    n = serializers.IntegerField(allow_null=True)


class PointRestatedOut(serializers.Serializer[Any]):
    """What a settled figure was when it was first shown."""

    was = NumberOut()
    n = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(help_text="When it was changed last, after it had settled.")
    why = serializers.CharField(help_text="; ".join(f"{code}: {text}" for code, text in WHYS.items()) + ".")
    reason = serializers.CharField(allow_null=True, help_text="In the words of whoever changed it.")


class ResponseOut(serializers.Serializer[Any]):
    """Of how many who were asked the figure is."""

    invited = NumberOut()
    rate = NumberOut(allow_null=True, help_text="The share that answered; null where n is not known.")


class PointOut(serializers.Serializer[Any]):
    start = serializers.DateTimeField(allow_null=True, help_text="Null: the figure of an instant, `end`.")
    end = serializers.DateTimeField()
    label = serializers.CharField(allow_null=True, help_text="The period as text, such as 2026-W10.")  # type: ignore[assignment]
    value = NumberOut(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    numerator = NumberOut(allow_null=True)
    denominator = NumberOut(allow_null=True)
    interval = IntervalOut(allow_null=True)
    reason = serializers.CharField(
        allow_null=True,
        help_text="Why there is no value: no_figure, division_by_zero, not_summable, suspect; of what is "
        "made of KPIs also missing_input, out_of_range; over a stock no_base, "
        "empty_base, or above_base, as more were lost than there were. Null beside a value.",
    )
    drift = NumberOut(
        allow_null=True,
        help_text="Of the base given in the period: it less what the one before and the flows since came to.",
    )
    preliminary = serializers.BooleanField(
        help_text="The period is over and late figures are still coming in: shown, and not judged."
    )
    complete = serializers.BooleanField(help_text="The period is over and its late figures are in.")
    feeds = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Of a KPI that combines feeds: those that the figure is made of, by id, or `api`.",
    )
    suspect = SuspectOut(
        allow_null=True, help_text="What is beyond the plausible, left out until somebody confirms it."
    )
    response = ResponseOut(
        allow_null=True, help_text="Of a survey whose KPI says who counts those invited (`invited_kpi`)."
    )
    restated = PointRestatedOut(allow_null=True, help_text="It had settled and was told otherwise since.")
    filled = serializers.CharField(
        allow_null=True,
        help_text="previous or zero: a gap that was filled as asked; nothing is judged by it.",
    )
    periods_told = serializers.IntegerField(
        allow_null=True, help_text="Of a bucket of shorter figures: how many of its periods have one."
    )
    periods = serializers.IntegerField(allow_null=True, help_text="… and how many it has.")
    measure = serializers.IntegerField(help_text="Points of two measures are not comparable.")
    explain = serializers.CharField(help_text="How the figure was made.")


class PointsOut(serializers.Serializer[Any]):
    kpi = serializers.UUIDField()
    kind = serializers.CharField()
    method = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField(allow_null=True, help_text="Of the points.")
    zone = serializers.CharField()
    measure = serializers.IntegerField(help_text="What the KPI means as of `as_of`.")
    labels = serializers.DictField(child=serializers.CharField())
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    unmatched = serializers.IntegerField(
        allow_null=True,
        help_text="Numerators told by themselves since the first point whose denominators are not known; "
        "null where the KPI has none.",
    )
    points = PointOut(many=True)


def points_out(row: Kpi, course: Course, own: Definition, question: Question) -> Mapping[str, Any]:
    """Return the points as shown. Raises Conflict where there are more than can be shown."""
    shown = drawn(course, question)
    if len(shown) > MOST_POINTS:
        raise too_many_points("from")
    definition, links = course.definition, ExplainLinks(row.id, question)
    return {
        "kpi": row.id,
        "kind": definition.kind,
        "method": definition.method,
        "unit": definition.unit,
        "currency": definition.currency,
        "period": definition.period,
        "zone": definition.zone,
        "measure": course.measure,
        "labels": question.selector,
        "as_of": question.as_of,
        "known_at": question.known_at,
        "unmatched": unmatched(row, course, question) if takes_sides(definition) else None,
        "points": [point_out(one, course, own, question.as_of, links) for one in shown],
    }


def point_out(
    one: Drawn, course: Course, own: Definition, as_of: datetime, links: ExplainLinks
) -> Mapping[str, Any]:
    """Return a point as shown."""
    point = one.point
    measure = course.measure if isinstance(point.revision, tuple) else point.revision
    definition = course.by_measure.get(measure, course.definition)
    ends = interval(definition, point.sums) if point.value is not None and not one.filled else None
    told = None if course.told is None or point.start is None else course.told.get(point.start, 0)
    return {
        "start": point.start,
        "end": point.end,
        "label": _label(point, definition),
        "value": point.value,
        "n": point.n,
        "numerator": point.sums.numerator,
        "denominator": point.sums.denominator,
        "reason": None if point.value is not None else point.reason or "no_figure",
        "drift": point.drift,
        "interval": ends and {"low": ends.low, "high": ends.high, "method": ends.method},
        "complete": is_complete(point.end, definition.settle_s, as_of),
        "preliminary": point.end <= as_of and not is_complete(point.end, definition.settle_s, as_of),
        "feeds": None if own.combine is None and not point.feeds else point.feeds,
        "suspect": _suspect(point, definition, links),
        "response": response_out(course.responses.get((point.start, point.end))),
        "restated": restated_out(course.restated.get((point.start, point.end))),
        "filled": one.filled,
        "periods_told": told,
        "periods": None if told is None else parts_of(point, own),
        "measure": measure,
        "explain": links.of(point),
    }


def response_out(one: Response | None) -> Mapping[str, Any] | None:
    """Return of how many a figure is, as shown."""
    return None if one is None else {"invited": one.invited, "rate": one.rate}


def restated_out(one: Restated | None) -> Mapping[str, Any] | None:
    """Return what a figure was, as shown."""
    if one is None:
        return None
    change = one.change
    return {
        "was": one.was.value,
        "n": one.was.n,
        "at": change.at,
        "why": change.why,
        "reason": change.reason,
    }


def _suspect(point: Point, definition: Definition, links: ExplainLinks) -> Mapping[str, Any] | None:
    doubt = point.doubt
    if not doubt.readings:
        return None
    figure = value(definition, doubt.sums)
    return {
        "id": None if figure is None or not doubt.whole else links.figure_of(point, figure, definition),
        "readings": doubt.readings,
        "value": figure,
        "n": n_of(doubt.sums),
    }


def _label(point: Point, definition: Definition) -> str | None:
    if point.start is None or definition.period is None:
        return None
    return period_of(point.start, definition.period, definition.zone).label
