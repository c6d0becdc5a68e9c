"""Points of a KPI: what may be asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from rest_framework import serializers

from kpis.models.definitions import Kpi
from kpis.queries.points import LIMIT, Range
from kpis.queries.points_kpi import Question
from kpis.queries.state_own import MOST_OWN
from kpis.queries.state_rules import Meaning
from kpis.serializers.clocks import future_issues
from kpis.serializers.readings import SELECTOR_HELP, SelectorParam
from kpis.series.definition import Definition
from kpis.series.gaps import FILLS, takes_zero
from kpis.series.labels import EVERY
from kpis.series.method import PERIODS
from kpis.series.period import Period, periods_between
from kpis.series.resample import not_in_periods
from service.errors import Conflict, Issue, ValidationProblem
from service.fields import Instant, ZoneName
from service.serializers import Query

MOST_POINTS = 1000


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


def question_of(params: Mapping[str, Any], *, at: datetime) -> Question:
    """Return what checked query parameters ask for; `at` is now. Raises ValidationProblem."""
    as_of = params.get("as_of") or params.get("known_at") or at
    since, until = params.get("from"), params.get("to")
    issues = future_issues(params, at=at)
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
        parts = _made_of(row, meant)
        unfit = [not_in_periods(part, bucket or definition.period, zone) for part in parts]
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
            raise too_many_points("bucket")
        own = list(islice(_own_periods(question, _made_of(row, meant), within), MOST_OWN + 1))
        if len(own) > MOST_OWN:
            raise too_many_points("from")
    if issues:
        raise _conflict(issues)


def _own_periods(question: Question, made_of: Sequence[Definition], within: Range) -> Iterator[Period]:
    """The own periods in a range of the KPI behind the figures that has most of them, where these are looked
    at one by one."""
    asked = [one for one in made_of if one.period not in (None, question.bucket) and _says_in_own(one)]
    if not asked or question.bucket is None or within.since is None:
        return iter(())
    finest = min(asked, key=lambda one: PERIODS.index(one.period or ""))
    assert finest.period is not None
    return iter(periods_between(within.since, within.until, finest.period, finest.zone))


def _says_in_own(definition: Definition) -> bool:
    return definition.combine == "prefer" or definition.whole_band is not None


def too_many_points(name: str) -> Conflict:
    """Return the refusal of a question for more points than are shown; name: the parameter to change."""
    detail = f"More than {MOST_POINTS} points: ask for a shorter range, or for longer buckets."
    return _conflict([Issue(f"/{name}", "too_many_points", detail)])


def _made_of(row: Kpi, meant: Mapping[uuid.UUID, Meaning]) -> list[Definition]:
    """The definitions of the readings behind the figures: the KPI's own, or of those that it is made of."""
    return [meant[leaf].definition for leaf in meant[row.id].made.leaves]


def _conflict(issues: Sequence[Issue]) -> Conflict:
    return Conflict(issues[0].detail, code=issues[0].code, issues=issues)
