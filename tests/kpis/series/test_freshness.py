"""How late the next figure is, and when that changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.freshness import Due, Feed, due, freshness, next_change_at

MONTHLY = defaults("churn")
GAUGE = replace(defaults("gauge"), unit="°C")
NOV = datetime(2026, 11, 1, tzinfo=UTC)  # October's figure is in
DAY = timedelta(days=1)


def test_a_months_figure_is_due_when_the_next_month_is_over_with_some_grace():
    when = due(MONTHLY, NOV, Feed())
    assert when == Due(datetime(2026, 12, 4, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC))


def test_settling_and_own_grace_push_it_back():
    settling = replace(MONTHLY, settle_s=2 * 86400)
    assert due(settling, NOV, Feed(grace_s=0)).late_at == datetime(2026, 12, 3, tzinfo=UTC)


def test_periods_end_by_their_zones_calendar():
    london = replace(MONTHLY, period="day", zone="Europe/London")
    last = datetime(2026, 10, 24, 23, tzinfo=UTC)  # the 25 h day begins
    assert due(london, last, Feed(grace_s=0)).late_at == datetime(2026, 10, 26, 0, tzinfo=UTC)


def test_instants_are_due_by_the_expected_interval_or_never():
    hourly = due(GAUGE, NOV, Feed(every_s=3600))
    assert hourly == Due(NOV + timedelta(minutes=90), NOV + timedelta(minutes=150))
    assert due(GAUGE, NOV, Feed(every_s=10)).late_at == NOV + timedelta(seconds=70)
    assert due(GAUGE, NOV, Feed()) == Due(None, None)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), "fresh"),
        (datetime(2026, 12, 3, 23, 59, tzinfo=UTC), "fresh"),
        (datetime(2026, 12, 4, tzinfo=UTC), "late"),
        (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), "late"),
        (datetime(2027, 1, 4, tzinfo=UTC), "stale"),
    ],
)
def test_from_fresh_to_late_to_stale(at, expected):
    when = due(MONTHLY, NOV, Feed())
    assert freshness(when, last=NOV, source_ok=True, at=at) == expected
    assert freshness(when, last=NOV, source_ok=False, at=at) == "broken"


def test_a_series_that_never_had_a_figure_is_stale():
    assert freshness(due(MONTHLY, None, Feed()), last=None, source_ok=True, at=NOV) == "stale"


@given(st.integers(0, 200 * 86400), st.booleans())
def test_nothing_changes_before_the_instant_that_is_named(seconds, periodic):
    definition, feed = (MONTHLY, Feed()) if periodic else (GAUGE, Feed(every_s=86400))
    when = due(definition, NOV, feed)
    at = NOV + timedelta(seconds=seconds)
    change = next_change_at(when, completes_at=None, at=at)
    now = freshness(when, last=NOV, source_ok=True, at=at)
    if change is None:
        assert freshness(when, last=NOV, source_ok=True, at=at + 1000 * DAY) == now
    else:
        assert change > at
        assert freshness(when, last=NOV, source_ok=True, at=change - timedelta(microseconds=1)) == now
        assert freshness(when, last=NOV, source_ok=True, at=change) != now


def test_the_end_of_the_running_period_changes_what_is_shown_too():
    when = due(MONTHLY, NOV, Feed())
    assert next_change_at(when, completes_at=NOV + 30 * DAY, at=NOV + DAY) == NOV + 30 * DAY
    assert next_change_at(Due(None, None), completes_at=None, at=NOV) is None
