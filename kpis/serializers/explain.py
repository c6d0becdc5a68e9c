"""Which figure is to be explained: what one may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from rest_framework import serializers

from kpis.models.bindings import Binding
from kpis.models.definitions import Kpi
from kpis.queries.points import LIMIT, Range
from kpis.queries.points_kpi import Question
from kpis.queries.state_rules import Meaning
from kpis.serializers.kpis_points import question_of
from kpis.serializers.readings import SELECTOR_HELP, SelectorParam
from kpis.series.method import PERIODS
from kpis.series.period import NotAPeriod, Period, parse_period, period_of
from service.errors import Issue, ValidationProblem
from service.fields import Instant, StrictChar, ZoneName
from service.serializers import Query

_MICROSECOND = timedelta(microseconds=1)


class PeriodName(StrictChar):
    """A period as text; which of them exist only the calendar says."""

    constraints = {
        "pattern": "^[0-9]{4}(-Q[1-4]|-W[0-9]{2}|-[0-9]{2}(-[0-9]{2}(T[0-9]{2}([+-][0-9]{2}:[0-9]{2})?)?)?)?$"
    }


class ExplainQuery(Query):
    period = PeriodName(
        required=False,
        max_length=40,
        help_text="2026, 2026-Q3, 2026-10, 2026-W42, 2026-10-31 or 2026-10-31T14. The last complete one when "
        "`at` is left out, too.",
    )
    at = Instant(
        required=False,
        help_text="An instant in the period; of readings of instants the one then, or the last before.",
    )
    bucket = serializers.ChoiceField(
        PERIODS, required=False, help_text="The period that holds `at`, where it is not the KPI's own."
    )
    zone = ZoneName(required=False, help_text="Where periods begin; the KPI's own zone when left out.")
    labels = SelectorParam(required=False, help_text=SELECTOR_HELP + " The binding's when left out.")
    binding = StrictChar(
        required=False, max_length=64, help_text="Id or key: judged by its rules, else by the KPI's."
    )
    as_of = Instant(required=False, help_text="What was true then; now when left out.")
    known_at = Instant(required=False, help_text="By what had been recorded then; by all when left out.")


def asked_of(params: Mapping[str, Any], row: Kpi, binding: Binding | None, *, at: datetime) -> Question:
    """Return what is asked of the KPI but for the place in time. Raises ValidationProblem; `at` is now."""
    issues: list[Issue] = []
    if "period" in params and ("at" in params or "bucket" in params):
        issues.append(Issue("/period", "one_of", "Name the period, or an instant in it."))
    if binding is not None and binding.kpi_id != row.id:
        issues.append(Issue("/binding", "other_kpi", "This binding shows another KPI."))
    if issues:
        raise ValidationProblem(issues)
    labels = params.get("labels", {} if binding is None else binding.selector)
    rest = {name: params[name] for name in ("bucket", "zone", "as_of", "known_at") if name in params}
    return question_of({**rest, "labels": labels, "limit": LIMIT, "fill": "none"}, at=at)


def placed(
    question: Question, params: Mapping[str, Any], row: Kpi, meant: Mapping[UUID, Meaning]
) -> tuple[Question, Period | datetime | None]:
    """Return the question for the one period or instant, and that. Raises ValidationProblem."""
    own = meant[row.id].definition
    if "period" in params:
        period = _period(params["period"], question.zone or own.zone)
        _refuse_future("/period", period.start, question)
        bucket = question.bucket if period.kind == own.period else period.kind
        within = Range(period.start, period.start + _MICROSECOND)
        return replace(question, bucket=bucket, within=within), period
    if "at" not in params:
        return question, None
    at = params["at"].astimezone(UTC)
    _refuse_future("/at", at, question)
    if (question.bucket or own.period) is None:
        return replace(question, within=Range(None, at + _MICROSECOND), limit=1), at
    return replace(question, within=Range(at, at + _MICROSECOND)), at


def last_of(
    place: Period | datetime | None, question: Question, row: Kpi, meant: Mapping[UUID, Meaning]
) -> datetime | None:
    """Return up to when readings of the place in time may lie: a period's figure is told of its end."""
    own = meant[row.id].definition
    if isinstance(place, datetime) and (kind := question.bucket or own.period) is not None:
        place = period_of(place, kind, question.zone or own.zone)
    if isinstance(place, Period):
        return place.end - _MICROSECOND if own.holds == "events" else place.end
    return place


def _period(text: str, zone: str) -> Period:
    try:
        return parse_period(text, zone)
    except NotAPeriod as error:
        raise ValidationProblem([Issue("/period", "not_a_period", str(error))]) from error


def _refuse_future(pointer: str, at: datetime, question: Question) -> None:
    if at > question.as_of:
        raise ValidationProblem([Issue(pointer, "in_the_future", "It begins after `as_of`.")])
