"""What the figures did around an improvement: what may be asked, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from rest_framework import serializers

from kpis.queries.effects import Measured, by_expectation
from kpis.queries.effects_points import Question
from kpis.queries.improvements import Known
from kpis.serializers.clocks import future_issues
from kpis.serializers.explain_links import labels_text
from kpis.serializers.kpis import NumberOut
from kpis.serializers.kpis_points_answer import IntervalOut
from kpis.series.definition import Definition
from kpis.series.effect import MOST, Wanted
from kpis.series.effect_measured import Side, told_caveats
from kpis.series.interval import interval
from kpis.series.kinds import CAVEATS
from kpis.series.live_parts import iso
from service.errors import ValidationProblem
from service.fields import Instant
from service.serializers import Query

SAYS = (
    "The same figures before and after the change. That they differ does not prove that the change is why: "
    "`others` names what else was changed meanwhile, and seasons, campaigns and chance are in no record here."
)


class EffectQuery(Query):
    as_of = Instant(required=False, help_text="What was true then; now when left out.")
    known_at = Instant(required=False, help_text="By what had been recorded then; by all when left out.")
    before = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST,
        help_text="Periods of each KPI before the change; when left out as many as there are after it.",
    )
    after = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST,
        help_text="Periods after it, at most; when left out up to 168 hours, 28 days, 8 weeks, 6 months, "
        "4 quarters, 2 years, or 10 figures of instants.",
    )
    washout = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        default=0,
        help_text="Periods after the change that count on neither side, besides the one that it falls into.",
    )


class EffectWindowOut(serializers.Serializer[Any]):
    start = serializers.DateTimeField(allow_null=True, help_text="Null: nothing of the window is over yet.")
    end = serializers.DateTimeField(allow_null=True, help_text="Exclusive.")
    periods = serializers.IntegerField(help_text="Whole periods in it; of KPIs without periods its figures.")
    told = serializers.IntegerField(help_text="… of which have a figure.")
    value = NumberOut(
        allow_null=True,
        help_text="From the summed parts of all of them; of counts, amounts and levels the mean per period.",
    )
    n = serializers.IntegerField(allow_null=True)
    numerator = NumberOut(allow_null=True)
    denominator = NumberOut(allow_null=True)
    interval = IntervalOut(allow_null=True)


class EffectNamedOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class EffectOtherOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    title = serializers.CharField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class ExpectedOut(serializers.Serializer[Any]):
    direction = serializers.CharField()
    by = NumberOut(allow_null=True)
    met = serializers.BooleanField(allow_null=True, help_text="Null: nobody can tell yet.")


class KpiEffectOut(serializers.Serializer[Any]):
    kpi = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField(allow_null=True)
    zone = serializers.CharField()
    measure = serializers.IntegerField()
    before = EffectWindowOut()
    after = EffectWindowOut()
    change = NumberOut(allow_null=True, help_text="After less before, in the KPI's unit.")
    share = NumberOut(allow_null=True, help_text="… as a share of the figure before.")
    interval = IntervalOut(
        allow_null=True,
        help_text="Of the change, at 95 %: `samples` by the answers on both sides, `periods` by how much "
        "the periods differ among themselves.",
    )
    verdict = serializers.CharField(
        help_text="more_than_noise, within_noise, too_early, no_data, or incomparable."
    )
    reason = serializers.CharField(
        allow_null=True,
        help_text="too_early: not_yet, no_period_over, below_min_n, too_few_periods. no_data: "
        "no_figure_before, no_figure_after, below_min_n, not_summable. incomparable: measured_otherwise.",
    )
    direction = serializers.CharField(
        allow_null=True, help_text="good or bad; null where nothing changed or no direction is better."
    )
    expected = ExpectedOut(allow_null=True)
    caveats = EffectNamedOut(many=True)
    others = EffectOtherOut(
        many=True, help_text="Other improvements of the map, or aimed at the KPI, that fall into the windows."
    )
    points = serializers.CharField(help_text="The points of both windows.")


class EffectOut(serializers.Serializer[Any]):
    improvement = serializers.UUIDField()
    journey_map = serializers.UUIDField()
    title = serializers.CharField()
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField(help_text="planned, live or withdrawn, as of `as_of`.")
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    says = serializers.CharField(help_text="What this is, and what it is not.")
    kpis = KpiEffectOut(many=True)
    left_out = serializers.IntegerField(help_text="KPIs beyond the first 50.")


def question_of(params: Mapping[str, Any], *, at: datetime) -> Question:
    """Return what checked query parameters ask for; `at` is now. Raises ValidationProblem for the future."""
    if issues := future_issues(params, at=at):
        raise ValidationProblem(issues)
    known_at = params.get("known_at")
    wanted = Wanted(params.get("before"), params.get("after"), params["washout"])
    return Question(wanted, params.get("as_of") or known_at or at, known_at)


def effect_out(
    improvement: Known, found: Sequence[Measured], left_out: int, question: Question
) -> dict[str, Any]:
    """Return what is known of an improvement's effect as shown."""
    return {
        "improvement": improvement.id,
        "journey_map": improvement.journey_map_id,
        "title": improvement.title,
        "at": improvement.effective_at,
        "until": improvement.until,
        "status": improvement.status(question.as_of),
        "as_of": question.as_of,
        "known_at": question.known_at,
        "says": SAYS,
        "kpis": [_kpi_out(one, question) for one in found],
        "left_out": left_out,
    }


def _kpi_out(one: Measured, question: Question) -> dict[str, Any]:
    effect, definition, aim = one.effect, one.definition, one.aim
    ends = effect.interval
    expected = {"direction": aim.direction, "by": aim.by, "met": by_expectation(aim, effect)}
    caveats = [*told_caveats(effect), *((code, CAVEATS[code]) for code in definition.caveats)]
    return {
        "kpi": one.row.pk,
        "key": one.row.key,
        "name": one.row.name,
        "labels": aim.labels,
        "unit": definition.unit,
        "currency": definition.currency,
        "period": definition.period,
        "zone": definition.zone,
        "measure": one.measure,
        "before": _side_out(effect.before, definition),
        "after": _side_out(effect.after, definition),
        "change": effect.change,
        "share": effect.share,
        "interval": ends and {"low": ends.low, "high": ends.high, "method": ends.method},
        "verdict": effect.verdict,
        "reason": effect.reason,
        "direction": None if effect.better is None else "good" if effect.better else "bad",
        "expected": None if aim.direction is None else expected,
        "caveats": [{"code": code, "text": text} for code, text in caveats],
        "others": [_other_out(other) for other in one.others],
        "points": _points_link(one, question),
    }


def _side_out(side: Side, definition: Definition) -> dict[str, Any]:
    window, point = side.window, side.point
    ends = None if point is None else interval(definition, point.sums)
    is_empty = not window.periods and not side.told
    first = side.told[0] if side.told and not window.periods else None
    return {
        "start": None if is_empty else window.start if first is None else first.end,
        "end": None if is_empty else window.end,
        "periods": len(window.periods) or len(side.told),
        "told": len(side.told),
        "value": None if point is None else point.value,
        "n": None if point is None else point.n,
        "numerator": None if point is None else point.sums.numerator,
        "denominator": None if point is None else point.sums.denominator,
        "interval": ends and {"low": ends.low, "high": ends.high, "method": ends.method},
    }


def _other_out(other: Known) -> dict[str, Any]:
    return {
        "id": other.id,
        "journey_map": other.journey_map_id,
        "title": other.title,
        "at": other.effective_at,
        "until": other.until,
    }


def _points_link(one: Measured, question: Question) -> str:
    """Return where the points are from the first to the last that counts; without any, the KPI's."""
    told = [*one.effect.before.told, *one.effect.after.told]
    said = {
        "from": iso(told[0].start or told[0].end) if told else None,
        "to": iso(max(told[-1].end, one.windows.after.end)) if told else None,
        "labels": labels_text(one.aim.labels),
        "as_of": iso(question.as_of),
        "known_at": iso(question.known_at) if question.known_at else None,
    }
    query = urlencode({name: value for name, value in said.items() if value}, safe=":")
    return f"/v1/kpis/{one.row.pk}/points?{query}"
