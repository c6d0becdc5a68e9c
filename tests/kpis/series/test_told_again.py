"""How often readings were told again, written small and read again for one figure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.reading_id import ReadingRef
from kpis.series.told_again import MOST, repeats_of, told_within

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def ref(start: datetime, length: timedelta = DAY, *, series: int = 1, key: str = "") -> ReadingRef:
    return ReadingRef(series, start, start + length, BEGIN, key)


def test_periods_that_follow_each_other_are_one_row() -> None:
    month = [ref(BEGIN + number * DAY) for number in range(30)]
    told = repeats_of(
        [*month, *month, ref(BEGIN, 30 * DAY), *(ref(BEGIN + number * DAY, series=2) for number in (0, 2))]
    )
    start, day = int(BEGIN.timestamp() * 1e6), 86_400_000_000
    assert told == {
        "1": [[start, day, 30, 2], [start, 30 * day, 1, 1]],
        "2": [[start, day, 1, 1], [start + 2 * day, day, 1, 1]],
    }
    assert told_within(told, {"1"}, BEGIN + 6 * DAY, BEGIN + 13 * DAY) == 14
    assert told_within(told, {"1", "2", "3"}, BEGIN, BEGIN + 30 * DAY) == 63


def test_nothing_is_nothing() -> None:
    assert repeats_of([]) == {}
    assert told_within({}, {"1"}, BEGIN, BEGIN + DAY) == 0


starts = st.integers(0, 60).map(lambda number: BEGIN + number * timedelta(minutes=30))
lengths = st.sampled_from([timedelta(), timedelta(minutes=30), HOUR, 5 * HOUR])
told_again = st.lists(st.builds(ref, starts, lengths, series=st.integers(1, 2)), max_size=40)


@given(told_again, starts, st.sampled_from([None, timedelta(minutes=30), HOUR, 7 * HOUR]))
def test_each_is_counted_where_it_lies(
    refs: list[ReadingRef], at: datetime, length: timedelta | None
) -> None:
    told = json.loads(json.dumps(repeats_of(refs)))
    since, until = (None, at) if length is None else (at, at + length)
    lie = [
        one
        for one in refs
        if one.series_id == 2
        and (one.end_at == until if since is None else since <= one.start_at < until and one.end_at <= until)
    ]
    assert told_within(told, {"2"}, since, until) == len(lie)


@pytest.mark.parametrize("apart", [timedelta(seconds=7), timedelta(minutes=7)])
def test_of_very_many_instants_quarters_of_an_hour_are_told(apart: timedelta) -> None:
    """Which every calendar's periods begin and end with; beyond, what was told again least is left out."""
    answers = [ref(BEGIN + number * apart, timedelta(), key=str(number)) for number in range(3 * MOST)]
    told = repeats_of(answers)
    assert sum(map(len, told.values())) <= MOST
    first_hour = len([one for one in answers if one.start_at < BEGIN + HOUR])
    assert told_within(told, {"1"}, BEGIN, BEGIN + HOUR) == first_hour
