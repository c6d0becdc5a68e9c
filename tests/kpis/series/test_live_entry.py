"""What one binding shows on the live map."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import Definition, defaults
from kpis.series.exact import encode
from kpis.series.freshness import Feed
from kpis.series.live_entry import LiveState, Shown, live_entry, live_state
from kpis.series.period import parse_period, period_of, periods_between
from kpis.series.point import Point, make_point
from kpis.series.sums import of_counts, of_reading
from kpis.series.thresholds import Rules, RulesSpan
from kpis.series.thresholds_input import parse_rules
from tests.kpis.series.make import parts, single

CHURN = defaults("churn")
NPS = defaults("nps")
SHOWN = Shown("binding-1", "kpi-1", "churn", "Customer churn", {"segment": "smb", "country": "*"})
NOV_3 = datetime(2026, 11, 3, 9, tzinfo=UTC)


def rules(definition: Definition, **data: object) -> list[RulesSpan]:
    parsed = parse_rules(data, definition)
    assert isinstance(parsed, Rules), parsed
    return [RulesSpan(parsed, datetime(2020, 1, 1, tzinfo=UTC))]


def month(
    text: str, lost: int | None, base: int | None, *, revision: int = 1, seen: datetime | None = None
) -> Point:
    period = parse_period(text, "UTC")
    sums = of_reading(CHURN, parts(lost, base))
    return make_point(CHURN, sums, start=period.start, end=period.end, observed_at=seen, revision=revision)


def state(points, *, definition=CHURN, history=(), feed=None, at=NOV_3, caveats=()) -> LiveState:
    return live_state(
        shown=SHOWN,
        definition=definition,
        points=points,
        rules_history=history,
        feed=feed or Feed(),
        at=at,
        caveats=caveats,
    )


MONTHS = [
    month("2026-08", 5, 100),
    month("2026-09", 6, 100),
    month("2026-10", 9, 120),
    month("2026-11", 1, 118, seen=datetime(2026, 11, 2, 12, tzinfo=UTC)),
]


def test_churn_read_on_the_third_shows_last_months_and_the_running_month_apart():
    found = state(MONTHS, history=rules(CHURN, target=0.05, warn=0.07, breach=0.1), caveats=("restated",))
    assert json.loads(encode(found.entry)) == {
        "binding": "binding-1",
        "kpi": "kpi-1",
        "key": "churn",
        "name": "Customer churn",
        "labels": {"country": "*", "segment": "smb"},
        "kind": "churn",
        "method": "lost_over_start",
        "unit": "fraction",
        "currency": None,
        "direction": "down",
        "value": 0.075,
        "n": 120,
        "feeds": None,
        "interval": {"method": "census"},
        "period": {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z", "label": "2026-10"},
        "observed_at": "2026-11-01T00:00:00Z",
        "status": "warn",
        "certainty": None,
        "reason": "above_warn",
        "since": "2026-11-01T00:00:00Z",
        "window": None,
        "limit": {"level": "warn", "side": "high", "line": 0.07, "judged_by": "figure", "relative": None},
        "response": None,
        "restated": None,
        "freshness": "fresh",
        "fresh_until": "2026-12-04T00:00:00Z",
        "target": 0.05,
        "target_gap": 0.025,
        "thresholds": {"warn": {"low": None, "high": 0.07}, "breach": {"low": None, "high": 0.1}},
        "trend": {"previous": 0.06, "delta": 0.015, "verdict": "worse"},
        "spark": [
            ["2026-09-01T00:00:00Z", 0.05],
            ["2026-10-01T00:00:00Z", 0.06],
            ["2026-11-01T00:00:00Z", 0.075],
        ],
        "running": {
            "value": 0.008474576271,
            "n": 118,
            "elapsed": 0.05,
            "period": {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z", "label": "2026-11"},
        },
        "emotion": None,
        "caveats": ["restated"],
        "suspects": [],
        "definition_break": None,
        "drift": None,
    }
    assert found.next_change_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert found.judgement.status == "warn"


def test_the_running_period_is_never_judged():
    terrible = month("2026-11", 118, 118)
    judged = state([*MONTHS[:3], terrible], history=rules(CHURN, breach=0.1))
    assert judged.entry["status"] == "ok"
    assert judged.entry["running"]["value"] == 1


def test_as_of_before_the_months_end_the_month_before_it_counts():
    earlier = state(MONTHS[:3], at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    assert earlier.entry["value"] == Decimal("0.06")
    assert earlier.entry["running"]["value"] == Decimal("0.075")


def test_a_settling_period_is_neither_value_nor_running():
    settling = replace(CHURN, settle_s=5 * 86400)
    found = state(MONTHS, definition=settling)
    assert found.entry["value"] == Decimal("0.06")
    assert found.entry["caveats"] == ["settling"]
    assert found.entry["running"]["period"]["label"] == "2026-11"
    assert found.next_change_at == datetime(2026, 11, 6, tzinfo=UTC)
    assert state(MONTHS, definition=settling, at=datetime(2026, 11, 6, tzinfo=UTC)).entry["caveats"] == []


def test_from_its_very_end_a_period_settles_and_runs_no_longer():
    settling = replace(CHURN, settle_s=5 * 86400)
    found = state(MONTHS[:3], definition=settling, at=datetime(2026, 11, 1, tzinfo=UTC))
    assert (found.entry["caveats"], found.entry["running"]) == (["settling"], None)


def test_nothing_yet():
    nothing = state([], history=rules(CHURN, target=0.05))
    assert (nothing.entry["status"], nothing.entry["reason"]) == ("missing", "no_reading")
    assert (nothing.entry["value"], nothing.entry["n"], nothing.entry["interval"]) == (None, None, None)
    assert (nothing.entry["target"], nothing.entry["target_gap"]) == (Decimal("0.05"), None)
    assert nothing.entry["freshness"] == "stale"
    assert nothing.next_change_at is None


def test_a_first_running_period_is_not_late():
    first = state([MONTHS[3]])
    assert (first.entry["status"], first.entry["freshness"], first.entry["spark"]) == ("missing", "fresh", [])
    assert first.entry["running"] is not None


def test_a_null_figure_is_missing_and_not_0():
    found = state(
        [MONTHS[0], month("2026-09", None, 100), month("2026-10", 0, 0)], history=rules(CHURN, breach=0.1)
    )
    assert (found.entry["value"], found.entry["status"], found.entry["reason"]) == (
        None,
        "missing",
        "division_by_zero",
    )
    assert [figure for _, figure in found.entry["spark"]] == [Decimal("0.05"), None, None]
    assert found.entry["trend"] is None


def test_a_broken_source_is_broken_at_once():
    found = state(MONTHS, feed=Feed(ok=False))
    assert (found.entry["freshness"], found.entry["fresh_until"]) == ("broken", None)
    assert found.entry["value"] == Decimal("0.075")


def test_a_break_of_the_definition_is_shown_and_nothing_is_compared_across_it():
    points = [*MONTHS[:2], month("2026-10", 9, 120, revision=2)]
    found = state(points, history=rules(CHURN, warn=0.01, consecutive=2))
    assert found.entry["definition_break"] == "2026-10-01T00:00:00Z"
    assert found.entry["trend"] is None
    assert found.entry["reason"] == "not_yet_consecutive"
    assert len(found.entry["spark"]) == 3


def test_a_break_before_the_drawn_line_is_not_shown():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    days = list(periods_between(start, start + timedelta(days=40), "day", "UTC"))
    daily = replace(CHURN, period="day")
    points = [
        make_point(
            daily,
            of_reading(daily, parts(1, 10)),
            start=day.start,
            end=day.end,
            revision=1 if index < 10 else 2,
        )
        for index, day in enumerate(days)
    ]
    at = days[-1].end
    assert state(points, definition=daily, at=at).entry["definition_break"] is None
    assert state(points[:39], definition=daily, at=at).entry["definition_break"] == "2026-01-11T00:00:00Z"


def test_a_sample_shows_its_interval_its_certainty_and_how_it_felt():
    period = parse_period("2026-10", "UTC")
    answers = of_counts(NPS, (30, 0, 0, 0, 0, 0, 0, 30, 0, 0, 40))
    point = make_point(NPS, answers, start=period.start, end=period.end)
    entry = state([point], definition=NPS, history=rules(NPS, target=50, warn=20)).entry
    assert (entry["value"], entry["n"], entry["emotion"]) == (10, 100, Decimal("0.1"))
    assert entry["interval"] == {
        "low": Decimal("-6.280684"),
        "high": Decimal("26.280684"),
        "method": "multinomial",
    }
    assert (entry["status"], entry["certainty"], entry["reason"]) == ("ok", "within_noise", "within_noise")


def test_instants_and_caveats_of_the_kind():
    gauge = replace(defaults("gauge"), unit="°C")
    points = [
        make_point(gauge, of_reading(gauge, single(figure)), start=None, end=NOV_3 - timedelta(hours=hours))
        for figure, hours in ((20, 3), ("21.50", 1))
    ]
    entry = state(points, definition=gauge, feed=Feed(every_s=3600)).entry
    assert (entry["value"], entry["period"], entry["running"]) == (Decimal("21.5"), None, None)
    assert entry["observed_at"] == "2026-11-03T08:00:00Z"
    opens = replace(defaults("open_rate"))
    assert state([], definition=opens).entry["caveats"] == ["mail_privacy"]


def test_a_target_range_is_shown_as_one():
    ranged = replace(CHURN, direction="range")
    history = rules(ranged, target={"low": 0.01, "high": 0.05}, breach={"high": 0.2})
    entry = state(MONTHS, definition=ranged, history=history).entry
    assert entry["target"] == {"low": Decimal("0.01"), "high": Decimal("0.05")}
    assert entry["target_gap"] == Decimal("0.025")
    assert entry["trend"]["verdict"] == "worse"


def test_numbers_are_json_numbers_of_exactly_their_digits():
    assert encode({"a": Decimal("0.450131926121"), "b": Decimal("999999999999999.123456789012")}) == (
        b'{"a":0.450131926121,"b":999999999999999.123456789012}'
    )
    assert b'"value":0.075,' in encode(state(MONTHS).entry)


def test_live_entry_is_the_entry_of_live_state():
    entry = live_entry(
        shown=SHOWN, definition=CHURN, points=MONTHS, rules_history=[], feed=Feed(), at=NOV_3, caveats=("x",)
    )
    assert entry == state(MONTHS, caveats=("x",)).entry


months = st.lists(st.none() | st.tuples(st.integers(0, 20), st.integers(20, 200)), min_size=1, max_size=70)


@given(months, st.integers(0, 400 * 86400), st.integers(0, 20), st.integers(1, 400 * 86400))
def test_nothing_changes_with_time_alone_before_the_named_instant(figures, seconds, settle_days, later):
    """The same points at any instant before `next_change_at` give the same bytes."""
    definition = replace(CHURN, settle_s=settle_days * 86400)
    period = period_of(datetime(2022, 1, 1, tzinfo=UTC), "month", "UTC")
    points = []
    for figure in figures:
        sums = of_reading(definition, parts(*(figure or (None, None))))
        points.append(
            make_point(definition, sums, start=period.start, end=period.end, observed_at=period.start)
        )
        period = period_of(period.end, "month", "UTC")
    at = points[-1].start + timedelta(seconds=seconds)
    history = rules(CHURN, target=0.05, warn=0.07, recovery=0.01)
    now = state(points, definition=definition, history=history, at=at)
    then = at + timedelta(seconds=later)
    if now.next_change_at is None or then < now.next_change_at:
        assert encode(state(points, definition=definition, history=history, at=then).entry) == encode(
            now.entry
        )
    else:
        assert now.next_change_at > at


@given(months)
def test_older_points_than_sixty_change_nothing(figures):
    period = period_of(datetime(2018, 1, 1, tzinfo=UTC), "month", "UTC")
    points = []
    for figure in figures:
        sums = of_reading(CHURN, parts(*(figure or (None, None))))
        points.append(make_point(CHURN, sums, start=period.start, end=period.end))
        period = period_of(period.end, "month", "UTC")
    history = rules(CHURN, target=0.05, warn=0.07, breach=0.1, recovery=0.01)
    assert state(points, history=history).entry == state(points[-60:], history=history).entry


def test_a_figure_judged_over_several_months_says_so_and_names_its_limit():
    """Three surveys of 20 answers are judged together; the line stands 5 points below the quarter before."""
    definition = replace(defaults("csat"), period="month")
    points = []
    for month, (high, low) in enumerate([(80, 20)] * 3 + [(15, 5), (16, 4), (14, 6)]):
        start, end = (datetime(2026, 4 + one, 1, tzinfo=UTC) for one in (month, month + 1))
        points.append(
            make_point(definition, of_counts(definition, (low, 0, 0, 0, high)), start=start, end=end)
        )
    history = rules(
        definition,
        warn={"before_plus": -0.05},
        before={"periods": 3},
        window={"max": 3, "until_n": 60},
    )
    entry = state(points, definition=definition, history=history).entry
    shown = json.loads(encode(entry))
    assert (shown["value"], shown["n"], shown["status"]) == (0.7, 20, "ok")
    assert shown["window"] == {
        "value": 0.75,
        "n": 60,
        "interval": {"low": 0.627679, "high": 0.842235, "method": "wilson"},
        "start": "2026-07-01T00:00:00Z",
        "end": "2026-10-01T00:00:00Z",
        "periods": 3,
    }
    assert shown["limit"] == {
        "level": "warn",
        "side": "low",
        "line": 0.75,
        "judged_by": "interval",
        "relative": {
            "to": "before",
            "times": None,
            "plus": -0.05,
            "figure": 0.8,
            "start": "2026-04-01T00:00:00Z",
            "end": "2026-07-01T00:00:00Z",
        },
    }
