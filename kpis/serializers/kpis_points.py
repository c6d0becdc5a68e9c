"""Points and label sets of a KPI: what may be asked, and what is shown."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from kpis.models.definitions import Kpi, Series
from kpis.queries.points import LIMIT, Range
from kpis.queries.points_kpi import Course, Question, drawn, parts_of
from kpis.queries.points_unmatched import unmatched
from kpis.queries.state_rules import Meaning
from kpis.serializers.explain_links import ExplainLinks, explain_series
from kpis.serializers.kpis import NumberOut
from kpis.serializers.readings import SELECTOR_HELP, SelectorParam
from kpis.series.definition import Definition
from kpis.series.gaps import FILLS, Drawn, takes_zero
from kpis.series.intake_sides import takes_sides
from kpis.series.interval import interval
from kpis.series.labels import EVERY
from kpis.series.method import PERIODS
from kpis.series.period import is_complete, period_of, periods_between
from kpis.series.point import Point
from kpis.series.resample import not_in_periods
from kpis.series.value import n_of, value
from service.errors import Conflict, Issue, ValidationProblem
from service.fields import Instant, ZoneName
from service.pagination import Page
from service.serializers import Query

MOST_POINTS = 1000
_CURSOR = re.compile(r"[0-9]{1,18}")


class PointQuery(Query):
    to = Instant(required=False, help_text="Periods that begin earlier; up to `as_of` when left out.")
    bucket = serializers.ChoiceField(
        PERIODS,
        required=False,
        help_text="Another period than the KPI's: figures are summed, then divided. Single events fit into "
        "any; figures into longer periods that they do not lie across.",
    )
    zone = ZoneName(
        required=False,
        help_text="Where periods begin; the KPI's own zone when left out. Not of figures, which have theirs.",
    )
    fill = serializers.ChoiceField(
        FILLS,
        required=False,
        default="null",
        help_text="A gap is a point without a value (`null`) or left out (`none`). `previous` and `zero` "
        "fill the gaps, and those of the whole range, as far as their periods are complete; such points are "
        "marked. 0 is taken of counts and amounts only.",
    )
    labels = SelectorParam(required=False, help_text=SELECTOR_HELP)
    as_of = Instant(required=False, help_text="What was true then; now when left out.")
    known_at = Instant(required=False, help_text="By what had been recorded then; by all when left out.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_POINTS,
        default=LIMIT,
        help_text="How many points, counted back from the last, or from `to`; without meaning beside `from`.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        since = Instant(required=False, help_text="Periods that share an instant with what comes after.")
        return {"from": since, **super().get_fields()}


class IntervalOut(serializers.Serializer[Any]):
    low = NumberOut(allow_null=True)
    high = NumberOut(allow_null=True)
    method = serializers.CharField(
        help_text="wilson, multinomial, t or order (95 %), or census: a full count."
    )


class SuspectOut(serializers.Serializer[Any]):
    readings = serializers.IntegerField(
        help_text="How many wait to be confirmed; none of them is in `value`."
    )
    value = NumberOut(allow_null=True, help_text="The figure that they make by themselves.")
    n = serializers.IntegerField(allow_null=True)


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
        allow_null=True, help_text="Readings beyond what is plausible, left out until somebody confirms them."
    )
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


class SeriesOut(serializers.Serializer[Any]):
    labels = serializers.DictField(child=serializers.CharField())
    measure = serializers.IntegerField(help_text="The measure of the KPI that its figures are of.")
    feed = serializers.UUIDField(
        allow_null=True, help_text="The source or endpoint that feeds it; null: the API."
    )
    created_at = serializers.DateTimeField()
    explain = serializers.CharField(help_text="How its last figure was made.")


def question_of(params: Mapping[str, Any], *, at: datetime) -> Question:
    """Return what checked query parameters ask for; `at` is now. Raises ValidationProblem."""
    as_of = params.get("as_of") or params.get("known_at") or at
    since, until = params.get("from"), params.get("to")
    issues = [
        Issue(f"/{name}", "in_the_future", "The future is not known: ask for an instant up to now.")
        for name in ("as_of", "known_at")
        if params.get(name) and params[name] > at
    ]
    if since is not None and until is not None and since >= until:
        issues.append(Issue("/to", "order", "The range ends after it begins."))
    if issues:
        raise ValidationProblem(issues)
    within = None
    if since is not None:
        until = until or max(as_of, since)
        within = Range(since.astimezone(UTC), until.astimezone(UTC))
    elif until is not None:
        within = Range(None, until.astimezone(UTC))
    limit = params["limit"] if since is None else MOST_POINTS + 1
    selector, known_at = params.get("labels", {}), params.get("known_at")
    zone, fill = params.get("zone"), params["fill"]
    return Question(selector, params.get("bucket"), within, limit, as_of, known_at, zone, fill)


def check_question(question: Question, row: Kpi, meant: Mapping[uuid.UUID, Meaning]) -> None:
    """Refuse what cannot be told of this KPI. Raises Conflict: the same question fits another one."""
    definition, bucket, zone = meant[row.id].definition, question.bucket, question.zone
    issues: list[Issue] = []
    if (bucket, zone) != (None, None):
        unfit = (not_in_periods(part, bucket or definition.period, zone) for part in _made_of(row, meant))
        issues += [issue for issue in unfit if issue is not None][:1]
    if question.fill == "zero" and not takes_zero(definition):
        detail = "Nothing told is no 0 of a rate, a score or a level; ask for null or previous."
        issues.append(Issue("/fill", "no_zero", detail))
    if EVERY in question.selector.values() and not definition.row.summable:
        detail = "The latest values of several label sets cannot be summed: name one of them."
        issues.append(Issue("/labels", "not_summable", detail))
    period = bucket or definition.period
    within = question.within
    if within is not None and within.since is not None and period is not None and not issues:
        asked = periods_between(within.since, within.until, period, zone or definition.zone)
        if len(list(islice(asked, MOST_POINTS + 1))) > MOST_POINTS:
            issues.append(_too_many("bucket"))
    if issues:
        raise _conflict(issues)


def _made_of(row: Kpi, meant: Mapping[uuid.UUID, Meaning]) -> list[Definition]:
    """The definitions of the readings behind the figures: the KPI's own, or of those that it is made of."""
    return [meant[leaf].definition for leaf in meant[row.id].made.leaves]


def points_out(row: Kpi, course: Course, own: Definition, question: Question) -> Mapping[str, Any]:
    """Return the points as shown. Raises Conflict where there are more than can be shown."""
    shown = drawn(course, question)
    if len(shown) > MOST_POINTS:
        raise _conflict([_too_many("from")])
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
        "suspect": _suspect(point, definition),
        "filled": one.filled,
        "periods_told": told,
        "periods": None if told is None else parts_of(point, own),
        "measure": measure,
        "explain": links.of(point),
    }


def _suspect(point: Point, definition: Definition) -> Mapping[str, Any] | None:
    doubt = point.doubt
    if not doubt.readings:
        return None
    return {
        "readings": doubt.readings,
        "value": value(definition, doubt.sums),
        "n": n_of(doubt.sums),
    }


def _label(point: Point, definition: Definition) -> str | None:
    if point.start is None or definition.period is None:
        return None
    return period_of(point.start, definition.period, definition.zone).label


def page_of_series(rows: QuerySet[Series, Series], params: Mapping[str, Any]) -> Page:
    """Return the page of label sets, in the order in which they came up, that the query asks for."""
    cursor, size = params.get("cursor"), params["page_size"]
    if cursor is not None:
        if not _CURSOR.fullmatch(cursor):
            raise ValidationProblem([Issue("/cursor", "invalid_cursor", "Take cursors from `next`.")])
        rows = rows.filter(id__gt=int(cursor))
    found = list(rows.order_by("id")[: size + 1])
    return Page(found[:size], str(found[size - 1].id) if len(found) > size else None, None)


def series_out(row: Series) -> Mapping[str, Any]:
    """Return a label set as shown."""
    return {
        "labels": row.labels,
        "measure": row.revision,
        "feed": row.feed_id,
        "created_at": row.created_at,
        "explain": explain_series(row.kpi_id, row.labels),
    }


def _conflict(issues: Sequence[Issue]) -> Conflict:
    return Conflict(issues[0].detail, code=issues[0].code, issues=issues)


def _too_many(name: str) -> Issue:
    detail = f"More than {MOST_POINTS} points: ask for a shorter range, or for longer buckets."
    return Issue(f"/{name}", "too_many_points", detail)
