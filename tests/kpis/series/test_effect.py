"""Before and after a dated change: the windows, the difference, and what may be said of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replaced

from kpis.series.definition import Definition, defaults
from kpis.series.effect import Wanted, Windows, standing, windows
from kpis.series.effect_measured import CAVEATS, Effect, measured
from kpis.series.effect_noise import Sides, difference_interval, proof, spread_of
from kpis.series.period import Period, period_of, periods_between
from kpis.series.point import Doubt, Point, make_point
from kpis.series.reference import pooled
from kpis.series.sums import Sums, of_counts

CHANGE = datetime(2026, 3, 4, 15, tzinfo=UTC)  # a Wednesday
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
CONVERSION = replace(defaults("conversion"), period="week", sampled=True)
TICKETS = replace(defaults("tickets"), period="week")


def pool(definition: Definition) -> Any:
    def together(points: Any) -> Point | None:
        return pooled(definition, points, start=points[0].start or points[0].end, end=points[-1].end)

    return together


def seen(definition: Definition, at: datetime = CHANGE, as_of: datetime = LATER, **more: Any) -> Windows:
    wanted = Wanted(more.pop("before", None), more.pop("after", None), more.pop("washout", 0))
    return windows(
        definition, effective_at=at, until=more.pop("until", None), as_of=as_of, wanted=wanted, **more
    )


def labels(periods: tuple[Period, ...]) -> list[str]:
    return [period.label for period in periods]


def effect(definition: Definition, points: list[Point], found: Windows | None = None, **more: Any) -> Effect:
    at, as_of = more.get("at", CHANGE), more.get("as_of", LATER)
    return measured(
        definition,
        found or seen(definition, at, as_of),
        points,
        pool(definition),
        effective_at=at,
        until=more.get("until"),
        as_of=as_of,
    )


def weekly(
    definition: Definition, *figures: tuple[int, int] | None, first: datetime, **more: Any
) -> list[Point]:
    """Weekly points of (numerator, denominator), or none."""
    points = []
    for number, figure in enumerate(figures):
        start = first + number * timedelta(weeks=1)
        if figure is not None:
            sums = Sums(numerator=Decimal(figure[0]), denominator=Decimal(figure[1]), n=figure[1])
            points.append(make_point(definition, sums, start=start, end=start + timedelta(weeks=1), **more))
    return points


def counted(*totals: int, first: datetime) -> list[Point]:
    return [
        make_point(
            TICKETS,
            Sums(n=total, total=Decimal(total)),
            start=first + number * timedelta(weeks=1),
            end=first + (number + 1) * timedelta(weeks=1),
        )
        for number, total in enumerate(totals)
    ]


EIGHT = MONDAY - timedelta(weeks=8)
AFTER = MONDAY + timedelta(weeks=1)


# Windows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "as_of", "more", "before", "after"),
    [
        ("week", LATER, {"after": 2}, ["2026-W08", "2026-W09"], ["2026-W11", "2026-W12"]),
        ("week", LATER, {"before": 1, "after": 2}, ["2026-W09"], ["2026-W11", "2026-W12"]),
        ("week", LATER, {"before": 1, "after": 1, "washout": 2}, ["2026-W09"], ["2026-W13"]),
        ("month", LATER, {"after": 1}, ["2026-02"], ["2026-04"]),
        ("month", datetime(2026, 7, 9, tzinfo=UTC), {}, ["2025-12", "2026-01", "2026-02"],
         ["2026-04", "2026-05", "2026-06"]),
        ("year", LATER, {}, ["2024", "2025"], []),
        ("day", datetime(2026, 3, 7, 12, tzinfo=UTC), {}, ["2026-03-02", "2026-03-03"],
         ["2026-03-05", "2026-03-06"]),
    ],
)  # fmt: skip
def test_windows_are_whole_periods_on_either_side(
    period: str, as_of: datetime, more: dict[str, Any], before: list[str], after: list[str]
) -> None:
    found = seen(replace(CONVERSION, period=period), as_of=as_of, **more)
    assert (labels(found.before.periods), labels(found.after.periods)) == (before, after)


def test_a_change_where_a_period_begins_leaves_none_out() -> None:
    found = seen(CONVERSION, MONDAY, after=1)
    assert labels(found.before.periods) == ["2026-W09"]
    assert labels(found.after.periods) == ["2026-W10"]


def test_periods_begin_in_the_zone_of_the_kpi() -> None:
    berlin = replace(CONVERSION, period="day", zone="Europe/Berlin")
    midnight = datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert labels(seen(berlin, midnight, after=1).after.periods) == ["2026-03-04"]
    assert labels(seen(replace(berlin, zone="UTC"), midnight, after=1).after.periods) == ["2026-03-04"]
    assert labels(seen(replace(berlin, zone="UTC"), midnight, after=1).before.periods) == ["2026-03-02"]


def test_what_is_not_settled_or_taken_back_does_not_count() -> None:
    as_of = AFTER + timedelta(weeks=2)
    assert labels(seen(CONVERSION, as_of=as_of).after.periods) == ["2026-W11", "2026-W12"]
    late = replace(CONVERSION, settle_s=86400)
    assert labels(seen(late, as_of=as_of).after.periods) == ["2026-W11"]
    back = AFTER + timedelta(weeks=1, days=3)
    assert labels(seen(CONVERSION, until=back).after.periods) == ["2026-W11"]


def test_days_go_by_weeks_as_soon_as_there_is_one() -> None:
    daily = replace(CONVERSION, period="day")
    found = seen(daily, as_of=datetime(2026, 3, 21, tzinfo=UTC))  # 16 days are over
    assert (len(found.before.periods), len(found.after.periods)) == (14, 14)
    assert len(seen(daily).after.periods) == 28


def test_what_is_no_longer_kept_is_cut_off() -> None:
    found = seen(CONVERSION, after=4, kept_from=MONDAY - timedelta(weeks=2))
    assert labels(found.before.periods) == ["2026-W08", "2026-W09"]
    assert found.cut
    assert not seen(CONVERSION, after=4).cut


instants = st.integers(631152000, 2840140800).map(lambda second: datetime.fromtimestamp(second, UTC))
counts = st.none() | st.integers(1, 40)


@given(
    st.sampled_from(["hour", "day", "week", "month", "quarter", "year"]),
    st.sampled_from(["UTC", "Europe/London", "Australia/Lord_Howe", "America/St_Johns"]),
    instants,
    st.timedeltas(timedelta(), timedelta(days=900)),
    counts,
    counts,
    st.integers(0, 5),
    st.none() | st.timedeltas(timedelta(microseconds=1), timedelta(days=400)),
    st.integers(0, 10**6),
)
def test_windows_never_touch_the_change_nor_what_is_not_over(
    period: str, zone: str, at: datetime, later: timedelta, before: int | None, after: int | None,
    washout: int, back: timedelta | None, settle_s: int,
) -> None:  # fmt: skip
    definition = replace(CONVERSION, period=period, zone=zone, settle_s=settle_s)
    as_of, until = at + later, None if back is None else at + back
    found = windows(
        definition, effective_at=at, until=until, as_of=as_of, wanted=Wanted(before, after, washout)
    )
    change = period_of(at, period, zone)
    for one in found.before.periods:
        assert one.end <= change.start
        assert one.end <= at
    for one in found.after.periods:
        assert at <= one.start
        assert one.end + timedelta(seconds=settle_s) <= as_of
        assert until is None or one.end <= until
    for window in (found.before, found.after):
        spanned = tuple(periods_between(window.start, window.end, period, zone))
        assert window.periods == spanned  # whole, in order, without a hole
    if before is None and after is None and found.after.periods:
        assert len(found.before.periods) <= len(found.after.periods)


@given(instants, instants, st.none() | instants)
def test_a_change_is_planned_then_live_then_withdrawn(
    at: datetime, effective_at: datetime, until: datetime | None
) -> None:
    word = standing(effective_at, until, at)
    assert (word == "planned") == (at < effective_at)
    assert (word == "withdrawn") == (until is not None and until <= at and effective_at <= at)


# Figures -----------------------------------------------------------------------------------------


def test_a_figure_comes_from_summed_parts_and_never_from_a_mean_of_means() -> None:
    was = weekly(CONVERSION, (10, 100), (900, 1000), first=MONDAY - timedelta(weeks=2))
    now = weekly(CONVERSION, (95, 100), (910, 1000), first=AFTER)
    told = effect(CONVERSION, was + now, seen(CONVERSION, after=2))
    assert told.before.point is not None
    assert told.after.point is not None
    assert told.before.point.value == Decimal("0.827272727273")  # 910 / 1100, and not (0.1 + 0.9) / 2
    assert told.after.point.value == Decimal("0.913636363636")
    assert told.change == Decimal("0.086363636363")
    assert told.share == Decimal("0.104395604395")
    assert told.better is True


def test_counts_are_told_per_period() -> None:
    points = counted(10, 30, first=MONDAY - timedelta(weeks=2)) + counted(50, 50, 50, first=AFTER)
    told = effect(TICKETS, points, seen(TICKETS, before=2, after=3))
    assert told.before.point is not None
    assert told.after.point is not None
    assert (told.before.point.value, told.after.point.value, told.change) == (20, 50, 30)
    assert told.caveats == ("unequal_windows",)


def test_a_sample_moves_by_more_than_noise_or_it_does_not() -> None:
    def after(successes: int) -> Effect:
        was = weekly(CONVERSION, *[(500, 1000)] * 8, first=EIGHT)
        return effect(CONVERSION, was + weekly(CONVERSION, *[(successes, 1000)] * 8, first=AFTER))

    for successes, verdict in ((500, "within_noise"), (508, "within_noise"), (560, "more_than_noise"),
                               (440, "more_than_noise")):  # fmt: skip
        told = after(successes)
        assert (told.verdict, told.reason) == (verdict, None), successes
        assert told.interval is not None
        assert told.interval.low is not None
        assert told.interval.high is not None
        assert told.interval.low <= told.change <= told.interval.high  # type: ignore[operator]
        assert told.better == (None if successes == 500 else successes > 500)


def test_newcombes_difference_of_two_shares() -> None:
    """56/70 less 48/80: Newcombe 1998, Table II, method 10: 0.0524 to 0.3339."""
    was = weekly(CONVERSION, (48, 80), first=MONDAY - timedelta(weeks=1))
    now = weekly(CONVERSION, (56, 70), first=AFTER)
    sides = Sides(CONVERSION, pool(CONVERSION), was, now, was[0], now[0])
    ends = difference_interval(sides)
    assert ends is not None
    assert ends.method == "samples"
    assert (round(float(ends.low or 0), 4), round(float(ends.high or 0), 4)) == (0.0524, 0.3339)
    # Two samples, one period each: beyond 95 %, but neither at 99.9 % nor twice.
    assert proof(sides) == "within_noise"


def test_a_full_count_is_held_against_how_its_periods_differ() -> None:
    """Two means of four with one variance: t of 6 degrees of freedom, by hand."""
    was, now = (100, 104, 96, 100), (120, 118, 122, 120)
    points = counted(*was, first=MONDAY - timedelta(weeks=4)) + counted(*now, first=AFTER)
    told = effect(TICKETS, points, seen(TICKETS, before=4, after=4))
    spread = spread_of(points[:4], points[4:])
    assert spread is not None
    assert (spread.freedom, round(spread.deviation, 6)) == (6, round((40 / 6) ** 0.5, 6))
    assert told.interval is not None
    assert told.interval.method == "periods"
    reach = 2.446911851 * (40 / 6) ** 0.5 * 0.5**0.5
    assert float(told.interval.low or 0) == pytest.approx(20 - reach)
    assert told.verdict == "more_than_noise"
    restless = counted(60, 140, 90, 110, first=MONDAY - timedelta(weeks=4)) + counted(*now, first=AFTER)
    assert effect(TICKETS, restless, seen(TICKETS, before=4, after=4)).verdict == "within_noise"


def test_restless_weeks_of_a_large_sample_count_beside_its_size() -> None:
    shares = (500, 560, 440, 520, 480, 540, 460, 500)
    was = weekly(CONVERSION, *[(share * 100, 100_000) for share in shares], first=EIGHT)
    now = weekly(CONVERSION, *[(share * 100 + 1000, 100_000) for share in shares], first=AFTER)
    told = effect(CONVERSION, was + now)
    assert told.interval is not None
    assert (told.verdict, told.interval.method) == ("within_noise", "periods")


def test_without_parts_there_is_no_figure_of_several_periods() -> None:
    bare = replace(CONVERSION, input="value")
    points = [
        make_point(
            bare, Sums(bare=Decimal("0.5"), bare_n=100, bares=1), start=week, end=week + timedelta(weeks=1)
        )
        for week in (
            MONDAY - timedelta(weeks=2),
            MONDAY - timedelta(weeks=1),
            AFTER,
            AFTER + timedelta(weeks=1),
        )
    ]
    assert (effect(bare, points, seen(bare, after=2)).verdict) == "no_data"
    assert (effect(bare, points, seen(bare, after=2)).reason) == "not_summable"
    assert effect(bare, points, seen(bare, after=1)).change == 0


WAS = weekly(CONVERSION, *[(500, 1000)] * 8, first=EIGHT)
NOW = weekly(CONVERSION, *[(600, 1000)] * 8, first=AFTER)


@pytest.mark.parametrize(
    ("points", "as_of", "verdict", "reason"),
    [
        (WAS + NOW, CHANGE - timedelta(days=1), "too_early", "not_yet"),
        (WAS + NOW, CHANGE + timedelta(days=1), "too_early", "no_period_over"),
        (WAS, LATER, "no_data", "no_figure_after"),
        (NOW, LATER, "no_data", "no_figure_before"),
        ([], LATER, "no_data", "no_figure_after"),
        ([replaced(one, revision=2) for one in WAS] + NOW, LATER, "incomparable", "measured_otherwise"),
        (WAS + NOW, LATER, "more_than_noise", None),
    ],
)
def test_what_lacks_is_said(points: list[Point], as_of: datetime, verdict: str, reason: str | None) -> None:
    told = effect(CONVERSION, points, as_of=as_of)
    assert (told.verdict, told.reason) == (verdict, reason)
    if verdict != "more_than_noise":
        assert (told.change, told.interval, told.better) == (None, None, None)


def test_too_few_observations_are_too_early() -> None:
    strict = replace(CONVERSION, min_n=50)
    few = weekly(strict, (4, 10), first=AFTER)
    many = weekly(strict, (400, 1000), first=MONDAY - timedelta(weeks=1))
    found = seen(strict, after=1)
    told = effect(strict, many + few, found)
    assert (told.verdict, told.reason, told.change) == ("too_early", "below_min_n", 0)
    turned = weekly(strict, (4, 10), first=MONDAY - timedelta(weeks=1)) + weekly(
        strict, (400, 1000), first=AFTER
    )
    assert (effect(strict, turned, found).verdict, effect(strict, turned, found).reason) == (
        "no_data", "below_min_n",
    )  # fmt: skip


def test_one_full_count_on_each_side_is_too_early() -> None:
    points = counted(100, first=MONDAY - timedelta(weeks=1)) + counted(50, first=AFTER)
    told = effect(TICKETS, points, seen(TICKETS, after=1))
    assert (told.verdict, told.reason, told.change, told.interval) == (
        "too_early",
        "too_few_periods",
        -50,
        None,
    )


def test_caveats_name_what_is_to_be_known() -> None:
    gap = weekly(CONVERSION, (1, 2), None, *[(500, 1000)] * 6, first=EIGHT)
    assert "gaps" in effect(CONVERSION, gap + NOW).caveats
    assert "unequal_windows" in effect(CONVERSION, gap + NOW).caveats
    early = effect(CONVERSION, WAS + NOW, as_of=AFTER + timedelta(weeks=3))
    assert early.caveats == ("still_filling",)
    rising = weekly(CONVERSION, *[(n, 1000) for n in (300, 310, 320, 330, 430, 440, 450, 460)], first=EIGHT)
    assert "already_moving" in effect(CONVERSION, rising + NOW).caveats
    assert effect(CONVERSION, WAS + NOW).caveats == ()
    back = effect(CONVERSION, WAS + NOW, seen(CONVERSION, until=AFTER + timedelta(weeks=3)),
                  until=AFTER + timedelta(weeks=3))  # fmt: skip
    assert (back.caveats, len(back.after.told)) == (("taken_back",), 3)
    doubted = [replaced(WAS[0], doubt=Doubt(1, Sums(bare=Decimal(1), bares=1))), *WAS[1:]]
    assert "suspect" in effect(CONVERSION, doubted + NOW).caveats
    mixed = [replaced(one, revision=2) for one in WAS[:4]] + WAS[4:]
    assert "definition_changed" in effect(CONVERSION, mixed + NOW).caveats
    daily, midnight = replace(CONVERSION, period="day"), datetime(2026, 3, 1, tzinfo=UTC)
    half = Sums(numerator=Decimal(50), denominator=Decimal(100), n=100)
    days = [midnight + timedelta(days=number) for number in range(15)]
    points = [make_point(daily, half, start=day, end=day + timedelta(days=1)) for day in days]
    assert "other_weekdays" in effect(daily, points, seen(daily, before=3, after=3)).caveats
    assert "other_weekdays" not in effect(daily, points, seen(daily, at=days[7], after=7), at=days[7]).caveats
    assert CAVEATS.keys() >= set(early.caveats)


def test_figures_of_instants_are_those_next_to_the_change() -> None:
    level = replace(CONVERSION, period=None)
    points = [
        make_point(
            level,
            Sums(numerator=Decimal(50 + 10 * (number >= 12)), denominator=Decimal(100), n=100),
            start=None,
            end=CHANGE + timedelta(hours=number - 12),
        )
        for number in range(30)
    ]
    told = effect(level, points)
    assert (len(told.before.told), len(told.after.told)) == (10, 10)
    assert told.before.told[-1].end == CHANGE - timedelta(hours=1)
    assert told.after.told[0].end == CHANGE
    assert told.change == Decimal("0.1")


def test_where_less_is_better_a_fall_is_good() -> None:
    down = replace(CONVERSION, direction="down")
    assert effect(down, WAS + NOW).better is False
    assert effect(replace(CONVERSION, direction="none"), WAS + NOW).better is None


def test_a_balance_has_no_share() -> None:
    nps = replace(defaults("nps"), period="week")
    points = [
        make_point(
            nps,
            of_counts(nps, (20, 0, 0, 0, 0, 0, 0, 40, 0, 0, high)),
            start=start,
            end=start + timedelta(weeks=1),
        )
        for start, high in ((MONDAY - timedelta(weeks=1), 40), (AFTER, 140))
    ]
    told = effect(nps, points, seen(nps, after=1))
    assert told.change == 40
    assert told.share is None
    assert told.verdict == "more_than_noise"


# Noise -------------------------------------------------------------------------------------------


def drawn(rng: random.Random, share: float, weeks: int, n: int, first: datetime) -> list[Point]:
    return weekly(
        CONVERSION, *[(sum(rng.random() < share for _ in range(n)), n) for _ in range(weeks)], first=first
    )


def verdicts(lift: float, rounds: int, weeks: int = 8, n: int = 60) -> float:
    """Return the share of changes that are told to be more than noise, where the truth moves by `lift`."""
    rng, found = random.Random(20261122), seen(CONVERSION, after=weeks)
    first = MONDAY - timedelta(weeks=weeks)
    told = 0
    for _ in range(rounds):
        points = drawn(rng, 0.5, weeks, n, first) + drawn(rng, 0.5 + lift, weeks, n, AFTER)
        told += effect(CONVERSION, points, found).verdict == "more_than_noise"
    return told / rounds


def test_a_truth_that_stays_is_seldom_told_to_have_moved() -> None:
    assert verdicts(0.0, 300) <= 0.01
    assert verdicts(0.2, 60) >= 0.98


shares = st.tuples(st.integers(0, 200), st.integers(1, 200)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(shares, min_size=1, max_size=6), st.lists(shares, min_size=1, max_size=6))
def test_the_difference_lies_in_its_interval_and_turns_with_the_sides(
    was: list[tuple[int, int]], now: list[tuple[int, int]]
) -> None:
    before, after = weekly(CONVERSION, *was, first=EIGHT), weekly(CONVERSION, *now, first=AFTER)
    together = pool(CONVERSION)
    sides = Sides(CONVERSION, together, before, after, together(before), together(after))
    turned = Sides(CONVERSION, together, after, before, together(after), together(before))
    there, back = difference_interval(sides), difference_interval(turned)
    assert there is not None
    assert back is not None
    change = together(after).value - together(before).value
    slack = Decimal("0.000001")
    assert there.low - slack <= change <= there.high + slack
    assert abs(there.low + back.high) <= slack
    assert abs(there.high + back.low) <= slack
    if proof(sides) == "more_than_noise":
        assert there.low > 0 or there.high < 0


@given(st.lists(shares, min_size=2, max_size=6), st.lists(shares, min_size=2, max_size=6), st.randoms())
def test_the_order_of_weeks_changes_no_figure(
    was: list[tuple[int, int]], now: list[tuple[int, int]], rng: random.Random
) -> None:
    def told(before: list[tuple[int, int]], after: list[tuple[int, int]]) -> tuple[Any, ...]:
        first = MONDAY - len(before) * timedelta(weeks=1)
        points = weekly(CONVERSION, *before, first=first) + weekly(CONVERSION, *after, first=AFTER)
        found = effect(CONVERSION, points, seen(CONVERSION, before=len(before), after=len(after)))
        return found.change, found.share, found.interval

    mixed_was, mixed_now = rng.sample(was, len(was)), rng.sample(now, len(now))
    assert told(was, now) == told(mixed_was, mixed_now)
