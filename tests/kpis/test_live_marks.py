"""Figures as a reader sees them, and entries as the marks that are drawn."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from journeys.render.notes import standing_notes
from kpis.queries.live_document import Place, Places
from kpis.queries.live_json import Standing, live_json
from kpis.serializers.live_figures import change, figure, period_name, whole
from kpis.serializers.live_marks import marks_of, rollups_of
from kpis.serializers.live_read import read_live
from kpis.series.definition import Definition, defaults
from kpis.series.exact import encode
from kpis.series.freshness import Feed
from kpis.series.live_entry import Shown, live_state
from kpis.series.point import make_point
from kpis.series.sums import Sums
from kpis.series.thresholds import RulesSpan
from kpis.series.thresholds_input import parse_rules

STAGE, TOUCH, GONE = (uuid.UUID(int=number) for number in (1, 2, 3))
AT = datetime(2026, 10, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "currency", "expected"),
    [
        ("0.623", "fraction", None, "62.3 %"),
        ("0.6", "fraction", None, "60.0 %"),
        ("0", "fraction", None, "0.0 %"),
        ("0.0004", "fraction", None, "0.040 %"),
        ("-0.125", "fraction", None, "−12.5 %"),
        ("50.64", "seconds", None, "50.6 s"),
        ("840", "seconds", None, "14 min"),
        ("125", "seconds", None, "2.1 min"),
        ("20000", "seconds", None, "5.6 h"),
        ("999999", "seconds", None, "11.6 d"),
        ("11457", "count", None, "11 457"),
        ("-13", "points", None, "−13"),
        ("31.25", "points", None, "31.2"),
        ("1234.5", "currency", "EUR", "1 234.50 EUR"),
        ("123456.78", "currency", "USD", "123 457 USD"),
        ("980", "currency", "JPY", "980 JPY"),
        ("3.738317757009", "score", None, "3.74"),
        ("12.5", "parcels", None, "12.50 parcels"),
    ],
)
def test_figures(value: str, unit: str, currency: str | None, expected: str) -> None:
    assert figure(D(value), unit, currency).replace("\u202f", " ") == expected


@pytest.mark.parametrize(
    ("delta", "unit", "of", "expected"),
    [
        ("-0.079", "fraction", None, "−7.9"),
        ("0.02", "fraction", None, "+2.0"),
        ("0", "fraction", None, "±0"),
        ("-30", "seconds", D(840), "−0.5"),  # in the minutes of the figure that it changed
        ("4", "points", None, "+4"),
        ("1200", "count", None, "+1 200"),
    ],
)
def test_changes(delta: str, unit: str, of: D | None, expected: str) -> None:
    assert change(D(delta), unit, of=of).replace("\u202f", " ") == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("2026", "2026"),
        ("2026-Q3", "Q3 2026"),
        ("2026-10", "Oct 2026"),
        ("2014-W22", "week to 1 Jun 2014"),
        ("2026-10-31", "31 Oct 2026"),
        ("2026-10-31T14", "31 Oct 2026, 14:00"),
        ("2026-10-25T02+01:00", "25 Oct 2026, 02:00"),
        ("whenever", "whenever"),
    ],
)
def test_periods_in_words(label: str, expected: str) -> None:
    assert period_name(label) == expected


def test_counts_are_grouped() -> None:
    assert whole(1234567) == "1\u202f234\u202f567"


def entry(definition: Definition, figures: list[Sums], rules: dict[str, Any] | None, **shown: Any) -> bytes:
    """Return the entry of weekly figures, the last of which is the running week's."""
    monday = datetime(2026, 10, 12, tzinfo=UTC)
    starts = [monday + timedelta(weeks=number - len(figures) + 1) for number in range(len(figures))]
    points = [
        make_point(
            definition,
            sums,
            start=start,
            end=start + timedelta(weeks=1),
            observed_at=AT if start == monday else None,
        )
        for start, sums in zip(starts, figures, strict=True)
    ]
    parsed = parse_rules(rules, definition) if rules else None
    assert not isinstance(parsed, list)
    spans = [RulesSpan(parsed, AT)] if parsed else []
    told = Shown(**{"binding": "b", "kpi": "k", "key": None, "name": "Completed", "labels": {}, **shown})
    state = live_state(
        shown=told, definition=definition, points=points, rules_history=spans, feed=Feed(), at=AT
    )
    return encode(state.entry)


def weekly(kind: str) -> Definition:
    return Definition(**{**_fields(defaults(kind)), "period": "week"})


def _fields(definition: Definition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in Definition.__dataclass_fields__}


def rate(numerator: int, denominator: int) -> Sums:
    return Sums(numerator=D(numerator), denominator=D(denominator), n=denominator)


def drawn(*entries: bytes, element: uuid.UUID | None = TOUCH, stands: Any = ("ok", "fresh")) -> Any:
    standing = Standing(b",".join(entries).decode(), [stands] * len(entries))
    places = Places("Claim", (Place(STAGE, None, None), Place(TOUCH, STAGE, 0.5)), None, {}, None)
    return read_live(b"{" + live_json({element: standing}, places) + b"}")


def test_a_mark_says_all_that_its_figure_rests_on() -> None:
    rules = {"target": 0.8, "warn": 0.7, "breach": 0.6}
    found = drawn(entry(weekly("conversion"), [rate(820, 1000), rate(7410, 10000), rate(58, 100)], rules))
    [mark] = marks_of(found)
    assert (mark.element, mark.label) == (TOUCH, "Completed")
    assert (mark.value, mark.n, mark.trend) == ("74.1\u202f%", "10\u202f000", "−7.9")
    assert (mark.verdict, mark.interval, mark.target) == ("worse", "census", "≥\u202f80.0\u202f%")
    assert (mark.period, mark.observed_at) == ("week to 11 Oct 2026", datetime(2026, 10, 12, tzinfo=UTC))
    assert mark.running == "58.0\u202f%, n\u202f100, 29\u202f% of week to 18 Oct 2026"
    assert (mark.spark, mark.spark_target) == ((0.82, 0.741), 0.8)
    assert mark.is_shown


def test_a_sample_shows_how_far_it_may_be_off() -> None:
    definition = weekly("nps")
    counts = (0,) * 5 + (20,) + (0,) * 2 + (30,) + (0,) + (50,)
    total = sum(step * count for step, count in enumerate(counts))
    answers = Sums(n=100, counts=counts, total=D(total))
    [mark] = marks_of(drawn(entry(definition, [answers, Sums()], None)))
    assert (mark.value, mark.interval) == ("30", "±15.3")


def test_without_a_figure_nothing_is_shown() -> None:
    [mark] = marks_of(drawn(entry(weekly("conversion"), [], None)))
    assert (mark.value, mark.n, mark.spark) == (None, "", ())
    assert not mark.is_shown


def test_labels_tell_whose_figures_these_are_unless_the_name_does() -> None:
    definition = weekly("conversion")
    named = [
        ({"segment": "smb"}, "Completed", "Completed (smb)"),
        ({"segment": "smb"}, "Completed, SMB", "Completed, SMB"),
        ({"shop": "*"}, "Completed", "Completed (all by shop)"),
    ]
    for labels, name, expected in named:
        [mark] = marks_of(drawn(entry(definition, [], None, labels=labels, name=name)))
        assert mark.label == expected


def test_rollups_of_stage_and_map_and_marks_without_a_place() -> None:
    one = entry(weekly("conversion"), [rate(8, 10), Sums()], None)
    found = drawn(one, one, stands=("breach", "fresh"))
    whole_map, stage = rollups_of(found, {STAGE})
    assert (whole_map.element, stage.element) == (None, STAGE)
    assert (stage.status, stage.coverage, stage.counts) == ("breach", "2 of 2 judged", {"breach": 2})
    plain = drawn(one, one, one, stands=("unjudged", "fresh"))
    assert rollups_of(plain, {STAGE})[1].coverage == "3 figures, none with limits"
    homeless = drawn(one, element=GONE)
    assert [mark.element for mark in marks_of(homeless)] == [GONE]
    assert rollups_of(homeless, {STAGE})[0].coverage == "no figures"


def test_a_figure_of_several_weeks_is_labelled_as_such() -> None:
    few = Sums(numerator=D(12), denominator=D(20), n=20)
    rules = {"warn": 0.5, "min_n": 30, "window": {"max": 4}}
    [mark] = marks_of(drawn(entry(weekly("conversion"), [few, few, few, Sums()], rules)))
    assert mark.value is not None
    assert (mark.value.replace("\u202f", " "), mark.n) == ("60.0 %", "20")
    assert [note.replace("\u202f", " ") for note in mark.window] == ["judged over 2 periods", "60.0 %, n 40"]
    assert standing_notes(mark) == list(mark.window)
    [plain] = marks_of(drawn(entry(weekly("conversion"), [few, Sums()], {"warn": 0.5})))
    assert plain.window == ()
