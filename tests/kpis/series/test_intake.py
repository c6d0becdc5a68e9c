"""What is recorded of what was sent: the span of time, in the KPI's zone, and the figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpis.series.definition import Definition, defaults
from kpis.series.intake import Observed, observe
from kpis.series.intake_span import Span
from kpis.series.reading_in import ReadingIn

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HISTORY = datetime(2000, 1, 1, tzinfo=UTC)
VISITS = replace(defaults("visitors"), period="month", zone="Europe/Paris")
ANSWERS = replace(defaults("nps"), input="answers", holds="events")
LOAD = replace(defaults("gauge"), unit="requests")


def seen(definition: Definition, **values: object) -> Observed | set[tuple[str, str]]:
    found = observe(definition, ReadingIn(kpi="k", **values), at=AT, history_from=HISTORY)
    return found if isinstance(found, Observed) else {(issue.pointer, issue.code) for issue in found}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("given", "span"),
    [
        ({"period": "2026-10"}, ("2026-09-30T22:00+00:00", "2026-10-31T23:00+00:00")),
        ({"period": "2026-10-25"}, ("2026-10-24T22:00+00:00", "2026-10-25T23:00+00:00")),  # 25 hours
        ({"period": "2026-10-25T02+01:00"}, ("2026-10-25T01:00+00:00", "2026-10-25T02:00+00:00")),
        (
            {"start": at("2026-10-01T00:00+02:00"), "end": at("2026-11-01T00:00+01:00")},
            ("2026-09-30T22:00+00:00", "2026-10-31T23:00+00:00"),
        ),
        ({"period": "2026-W41"}, ("2026-10-04T22:00+00:00", "2026-10-11T22:00+00:00")),
    ],
)
def test_a_figure_is_of_a_calendar_period_in_the_kpis_zone(given: dict, span: tuple[str, str]) -> None:
    found = seen(VISITS, value=1, **given)
    assert isinstance(found, Observed)
    assert found.span is not None
    assert (found.span.start, found.span.end) == tuple(map(at, span))
    assert found.span.own == (found.span.end - found.span.start > timedelta(days=20))
    assert (found.key, found.value) == ("", Decimal(1))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"period": "2026-W40"}, ("/period", "period_across")),  # Monday 28 September to Sunday 4 October
        ({"period": "2026"}, ("/period", "period_too_long")),
        ({"period": "2026-03-29T02"}, ("/period", "period")),  # the hour that the clocks skip
        ({"start": at("2026-10-01T00:00Z"), "end": at("2026-11-01T00:00Z")}, ("/end", "no_period")),
        ({"start": at("2026-10-01T00:00Z"), "end": at("2026-10-01T00:00Z")}, ("/end", "order")),
        ({"start": datetime(2026, 10, 1), "end": at("2026-11-01T00:00Z")}, ("/start", "offset")),  # noqa: DTZ001
        ({"end": at("2026-11-01T00:00Z")}, ("/start", "required")),
        (
            {"start": at("9999-12-31T00:00Z"), "end": at("9999-12-31T23:59:59-14:00")},
            ("/start", "out_of_range"),
        ),
        ({"period": "2026-10", "observed_at": AT}, ("/period", "ambiguous")),
        ({"observed_at": AT}, ("/observed_at", "not_taken")),
        ({}, ("/period", "required")),
        ({"period": "2026-12"}, ("/period", "in_future")),
        ({"period": "1999-12"}, ("/period", "before_history")),
    ],
)
def test_what_is_no_period_of_the_kpi_is_refused(given: dict, wrong: tuple[str, str]) -> None:
    assert seen(VISITS, value=1, **given) == {wrong}


def test_the_running_period_may_be_told() -> None:
    assert isinstance(seen(VISITS, value=1, period="2026-11"), Observed)


def test_an_instant_is_its_own_start_and_end() -> None:
    found = seen(LOAD, value=1, observed_at=at("2026-11-22T13:04:59+01:00"))
    assert isinstance(found, Observed)
    assert found.span == Span(*[at("2026-11-22T12:04:59+00:00")] * 2)
    assert seen(LOAD, value=1, observed_at=at("2026-11-22T12:05:01Z")) == {("/observed_at", "in_future")}
    assert seen(LOAD, value=1, period="2026-11") == {("/period", "not_taken")}


def test_an_event_needs_its_figure_and_its_id() -> None:
    assert seen(ANSWERS, observed_at=AT) == {("/external_id", "required")}
    assert seen(ANSWERS, observed_at=AT, external_id="a") == {("/value", "required")}
    found = seen(ANSWERS, observed_at=AT, external_id="a", value=9)
    assert found == Observed(Span(AT, AT), "a", Decimal(9))
    parts = replace(defaults("open_rate"), holds="events")
    assert seen(parts, observed_at=AT, external_id="a", value=Decimal("0.5"), unit="fraction") == {
        ("/value", "no_parts")
    }


def test_what_is_taken_back_has_no_figure() -> None:
    assert seen(ANSWERS, external_id="a", retract=True) == Observed(None, "a")
    assert seen(VISITS, period="2026-10", retract=True, value=1, unit="count") == {
        ("/value", "not_taken"),
        ("/unit", "not_taken"),
    }


def test_answers_are_kept_by_step_and_shares_as_fractions() -> None:
    csat = defaults("csat")
    found = seen(csat, period="2026-10", distribution={"5": 3, "1": 2})
    assert isinstance(found, Observed)
    assert (found.counts, found.n) == ((2, 0, 0, 0, 3), 5)
    found = seen(csat, period="2026-10", value=Decimal("69.5"), unit="percent", n=20)
    assert isinstance(found, Observed)
    assert (found.value, found.n) == (Decimal("0.695"), 20)


@pytest.mark.parametrize("value", [1.5, "1", True, [1]])
def test_only_exact_numbers_are_numbers(value: object) -> None:
    assert seen(LOAD, observed_at=AT, value=value) == {("/value", "type")}
    assert seen(defaults("csat"), period="2026-10", distribution={"5": value}) == {
        ("/distribution/5", "type")
    }
