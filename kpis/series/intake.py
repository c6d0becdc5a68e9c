"""From what was sent to what is recorded: the span of time, the checks, the canonical figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.check import canonical, check_reading
from kpis.series.definition import Definition
from kpis.series.intake_flows import read_flow
from kpis.series.intake_sides import columns, read_side, takes_sides
from kpis.series.intake_span import Span, check_bounds, in_utc, span_of
from kpis.series.labels import is_text
from kpis.series.questionnaire import check_answers, sus_score
from kpis.series.reading import Reading
from kpis.series.reading_in import Number, ReadingIn
from kpis.series.sums import of_reading
from service.errors import Issue

MOST_KEY, MOST_REASON = 255, 500
_ZERO = Decimal(0)
_NUMBERS = ("value", "numerator", "denominator", "n")
_NOT_TAKEN = {
    "flows": "Only a KPI over a stock, with input: flows, takes it.",
    "base": "Only a KPI over a stock, with input: flows, takes it.",
    "side": "Only events of a stock, or of a rate that counts things (input: parts), have a side.",
}
_TYPES = frozenset((int, Decimal, type(None)))


class Observed(msgspec.Struct, frozen=True, gc=False):
    """A checked reading in the columns of its row. key: the external id of an event, '' for a figure.

    span: None only for an event that is taken back by its id alone.
    """

    span: Span | None
    key: str
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    counts: tuple[int, ...] | None = None


def observe(
    definition: Definition, item: ReadingIn, *, at: datetime, history_from: datetime
) -> Observed | list[Issue]:
    """Return what is to be recorded of `item`; or everything that is wrong with it, pointers relative to it.

    at: now; nothing may begin more than `AHEAD` later, nor before `history_from`.
    """
    if definition.stocked:
        return _observe_flow(definition, item, at, history_from)
    if item.side is not None and takes_sides(definition):
        return _observe_side(definition, item, at, history_from)
    issues = _check_texts(definition, item)
    issues += [
        Issue(f"/{name}", "not_taken", _NOT_TAKEN[name])
        for name in _NOT_TAKEN
        if getattr(item, name) is not None
    ]
    span = span_of(definition, item)
    if isinstance(span, list):
        return issues + span
    if span is not None:
        issues += check_bounds(item, span, at, history_from)
    if item.retract:
        issues += _check_bare(item)
        return issues or Observed(span and in_utc(span), item.external_id or "")
    issues += _check_types(item)
    if item.answers is not None:
        issues += _check_answers(definition, item, item.answers)
    if issues or span is None:
        return issues
    reading = _reading(item, span)
    issues = check_reading(definition, reading)
    if item.unit is not None and item.value is None:
        issues.append(Issue("/unit", "not_taken", "A unit goes with a value."))
    if issues:
        return issues
    reading = canonical(definition, reading)
    return _check_summable(definition, reading, span) or _observed(definition, item, reading, span)


def _observe_flow(
    definition: Definition, item: ReadingIn, at: datetime, history_from: datetime
) -> Observed | list[Issue]:
    issues = _check_reason(item)
    flow = read_flow(definition, item)
    if isinstance(flow, list):
        return issues + flow
    if flow.span is not None:
        issues += check_bounds(item, flow.span, at, history_from)
    return issues or Observed(flow.span and in_utc(flow.span), flow.key, flow.third, flow.lost, flow.joined)


def _observe_side(
    definition: Definition, item: ReadingIn, at: datetime, history_from: datetime
) -> Observed | list[Issue]:
    issues = _check_reason(item)
    side = read_side(definition, item)
    if isinstance(side, list):
        return issues + side
    if side.span is not None:
        issues += check_bounds(item, side.span, at, history_from)
    if issues or item.retract or item.side is None:
        return issues or Observed(side.span and in_utc(side.span), side.key)
    numerator, denominator, n = columns(item.side, matched=False)
    return Observed(side.span and in_utc(side.span), side.key, None, numerator, denominator, n)


def _check_texts(definition: Definition, item: ReadingIn) -> list[Issue]:
    issues: list[Issue] = []
    if definition.holds == "events":
        if item.external_id is None:
            issues.append(Issue("/external_id", "required", "Events are told apart by an external id."))
        elif not is_text(item.external_id, MOST_KEY):
            detail = f"1 to {MOST_KEY} characters, none of them a control character."
            issues.append(Issue("/external_id", "external_id", detail))
    elif item.external_id is not None:
        detail = "A figure is told apart by its period or instant; only events have an external id."
        issues.append(Issue("/external_id", "not_taken", detail))
    return issues + _check_reason(item)


def _check_reason(item: ReadingIn) -> list[Issue]:
    if item.reason is None or is_text(item.reason, MOST_REASON):
        return []
    detail = f"1 to {MOST_REASON} characters, none of them a control character."
    return [Issue("/reason", "reason", detail)]


def _check_bare(item: ReadingIn) -> list[Issue]:
    given = [
        name for name in (*_NUMBERS, "distribution", "answers", "unit") if getattr(item, name) is not None
    ]
    return [Issue(f"/{name}", "not_taken", "What is taken back has no figure.") for name in given]


def _check_types(item: ReadingIn) -> list[Issue]:
    if item.distribution is None and _TYPES.issuperset(
        (type(item.value), type(item.numerator), type(item.denominator), type(item.n))
    ):
        return []
    wrong = [f"/{name}" for name in _NUMBERS if not _is_number(getattr(item, name))]
    if item.distribution is not None:
        counts = item.distribution.items()
        wrong += [f"/distribution/{step}" for step, count in counts if not _is_number(count)]
    return [Issue(where, "type", "Must be a number.") for where in wrong]


def _check_answers(definition: Definition, item: ReadingIn, answers: Sequence[Number]) -> list[Issue]:
    questions = definition.row.questions
    if not questions:
        return [Issue("/answers", "not_taken", "This KPI is of one question: send the answer as value.")]
    if definition.holds != "events":
        return [Issue("/answers", "not_taken", "Answers of one person are an event: say holds: events.")]
    given = [name for name in (*_NUMBERS, "distribution", "unit") if getattr(item, name) is not None]
    issues = [
        Issue(f"/{name}", "ambiguous", "Send the answers, or the score that is made of them.")
        for name in given
    ]
    return issues + check_answers(answers, questions)


def _is_number(given: object) -> bool:
    return given is None or type(given) is int or isinstance(given, Decimal)


def _check_summable(definition: Definition, reading: Reading, span: Span) -> list[Issue]:
    """What is one of many of its period must bring parts; a bare figure can only stand alone."""
    if span.own or (definition.holds == "figures" and (definition.period is None or reading.start is None)):
        return []
    if _is_bare(definition, reading):
        what = "an event" if definition.holds == "events" else "a shorter period"
        sent = "the single values as events" if definition.row.form == "quantile" else "parts, or n"
        detail = f"A figure without its parts cannot be summed with others: of {what} send {sent}."
        return [Issue("/value", "no_parts", detail.replace("an shorter", "a shorter"))]
    return []


def _is_bare(definition: Definition, reading: Reading) -> bool:
    if definition.holds == "events":  # only a value in the place of parts cannot be summed
        return definition.input == "parts" and reading.value is not None
    return of_reading(definition, reading).bares > 0


def _reading(item: ReadingIn, span: Span) -> Reading:
    return Reading(
        end=span.end,
        start=span.start if span.start != span.end else None,
        value=_decimal(item.value) if item.answers is None else sus_score(item.answers),
        numerator=_decimal(item.numerator),
        denominator=_decimal(item.denominator),
        n=item.n,
        distribution=item.distribution,
        unit=item.unit,
    )


def _decimal(number: Number | None) -> Decimal | None:
    """Return the figure; a zero loses its exponent, of which Postgres takes none below -16383."""
    return None if number is None else Decimal(number) or _ZERO


def _observed(definition: Definition, item: ReadingIn, reading: Reading, span: Span) -> Observed:
    counts = None
    n = None if reading.n is None else int(reading.n)
    if reading.distribution is not None:
        counts = tuple(int(reading.distribution.get(str(step), 0)) for step in definition.steps)
        n = sum(counts)
    return Observed(
        in_utc(span),
        item.external_id or "",
        reading.value,
        reading.numerator,
        reading.denominator,
        n,
        counts,
    )
