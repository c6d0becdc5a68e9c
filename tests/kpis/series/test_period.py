"""Calendar periods: text, zones, days of 23 and 25 hours, ISO weeks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.method import PERIODS
from kpis.series.period import (
    NotAPeriod,
    following,
    is_complete,
    parse_period,
    period_of,
    periods_between,
    preceding,
)

ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # its clocks change by half an hour
    "America/Havana",  # falls back at midnight
    "America/Sao_Paulo",  # has skipped midnights
    "Pacific/Apia",  # skipped 30 December 2011 whole
)


def hours(period):
    return (period.end - period.start) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2026", "UTC", "2026-01-01T00:00Z", "2027-01-01T00:00Z"),
        ("2026-Q3", "UTC", "2026-07-01T00:00Z", "2026-10-01T00:00Z"),
        ("2026-Q4", "UTC", "2026-10-01T00:00Z", "2027-01-01T00:00Z"),
        ("2026-10", "UTC", "2026-10-01T00:00Z", "2026-11-01T00:00Z"),
        ("2026-12", "UTC", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
        ("2026-10", "Europe/Paris", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),
        ("2026-W42", "UTC", "2026-10-12T00:00Z", "2026-10-19T00:00Z"),
        ("2026-W01", "UTC", "2025-12-29T00:00Z", "2026-01-05T00:00Z"),
        ("2026-W53", "UTC", "2026-12-28T00:00Z", "2027-01-04T00:00Z"),
        ("2024-02-29", "UTC", "2024-02-29T00:00Z", "2024-03-01T00:00Z"),
        ("2026-10-31", "Asia/Kolkata", "2026-10-30T18:30Z", "2026-10-31T18:30Z"),
        ("2026-10-31T14", "UTC", "2026-10-31T14:00Z", "2026-10-31T15:00Z"),
        ("2026-10-31T14", "Asia/Kolkata", "2026-10-31T08:30Z", "2026-10-31T09:30Z"),
        ("2026-10-25T01", "Europe/London", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
        ("2026-10-25T01+01:00", "Europe/London", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
        ("2026-10-25T01+00:00", "Europe/London", "2026-10-25T01:00Z", "2026-10-25T02:00Z"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
    ],
)
def test_text_names_a_period(text, zone, start, end):
    period = parse_period(text, zone)
    assert (period.start, period.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26-10",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-Q5",
        "2026-Q0",
        "2026-W54",
        "2025-W53",  # 2025 has 52 weeks
        "2026-W00",
        "2026-02-29",
        "2026-10-31T24",
        "2026-10-31T1",
        "2026-10-31 14",
        "2026-10-31T14:00",
        "2026-10-31T14Z",
        "2026-10-31T14+02:00",  # not London's offset
        "2026-03-29T01",  # London's clocks skip it
        "0001",
        "9999",
        "２０２６",
        "2026-10\n",
    ],
)
def test_other_text_names_none(text):
    with pytest.raises(NotAPeriod):
        parse_period(text, "Europe/London")


def test_a_day_that_a_country_skipped_is_no_period():
    with pytest.raises(NotAPeriod, match="does not exist"):
        parse_period("2011-12-30", "Pacific/Apia")
    before = parse_period("2011-12-29", "Pacific/Apia")
    assert following(before).label == "2011-12-31"
    assert preceding(following(before)) == before


def test_days_of_23_and_25_hours():
    assert hours(parse_period("2026-03-29", "Europe/London")) == 23
    assert hours(parse_period("2026-10-25", "Europe/London")) == 25
    assert hours(parse_period("2026-10-24", "Europe/London")) == 24
    assert hours(parse_period("2026-10", "Europe/London")) == 31 * 24 + 1
    day = parse_period("2026-10-25", "Europe/London")
    assert [hour.label[-8:] for hour in periods_between(day.start, day.end, "hour", "Europe/London")][:4] == [
        "10-25T00",
        "01+01:00",
        "01+00:00",
        "10-25T02",
    ]


def test_where_clocks_change_by_half_an_hour_an_hour_is_shorter_or_longer():
    change = datetime(2026, 4, 4, 15, tzinfo=UTC)  # Lord Howe: 02:00 becomes 01:30 again
    long = period_of(change, "hour", "Australia/Lord_Howe")
    assert (hours(long), long.start, long.label) == (1.5, change - timedelta(hours=1), "2026-04-05T01")
    change = datetime(2026, 10, 3, 15, 30, tzinfo=UTC)  # 02:00 becomes 02:30
    short = period_of(change, "hour", "Australia/Lord_Howe")
    assert (hours(short), short.start, short.label) == (0.5, change, "2026-10-04T02")


aware = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
near_changes = st.sampled_from(
    [
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe back
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe forward
        datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia's lost day
        datetime(2018, 11, 4, 3, tzinfo=UTC),  # Sao Paulo's lost midnight
        datetime(2026, 11, 1, 5, tzinfo=UTC),  # Havana's two midnights
    ]
)
instants = aware | st.tuples(near_changes, st.integers(-10_800, 10_800)).map(
    lambda pair: pair[0] + timedelta(seconds=pair[1])
)


@given(instants, st.sampled_from(PERIODS), st.sampled_from(ZONES))
def test_periods_partition_time_and_their_labels_name_them(instant, kind, zone):
    period = period_of(instant, kind, zone)
    assert period.start <= instant < period.end
    assert period_of(period.start, kind, zone) == period
    assert following(period).start == period.end
    assert preceding(period).end == period.start
    assert following(preceding(period)) == preceding(following(period)) == period
    assert parse_period(period.label, zone) == period


@given(instants, st.sampled_from(("day", "week", "month")), st.sampled_from(ZONES))
def test_periods_begin_at_local_midnight(instant, kind, zone):
    local = period_of(instant, kind, zone).start.astimezone(ZoneInfo(zone))
    just_before = (period_of(instant, kind, zone).start - timedelta(microseconds=1)).astimezone(
        ZoneInfo(zone)
    )
    assert local.date() > just_before.date()
    assert kind != "week" or local.weekday() == 0 or zone == "Pacific/Apia"


def test_periods_between_two_instants():
    start, end = datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert [month.label for month in periods_between(start, end, "month", "UTC")] == [
        "2026-10",
        "2026-11",
        "2026-12",
    ]
    assert list(periods_between(end, start, "month", "UTC")) == []
    assert list(periods_between(start, start, "month", "UTC")) == []


def test_a_period_is_complete_when_it_is_over_and_settled():
    october = parse_period("2026-10", "UTC")
    assert not is_complete(october.end, 0, october.end - timedelta(microseconds=1))
    assert is_complete(october.end, 0, october.end)
    assert not is_complete(october.end, 3 * 86400, october.end + timedelta(days=2))
    assert is_complete(october.end, 3 * 86400, october.end + timedelta(days=3))
