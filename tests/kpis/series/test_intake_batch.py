"""Items taken many at a time are taken as each is alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.intake import observe
from kpis.series.intake_batch import Intake
from kpis.series.kinds import KINDS
from kpis.series.reading_in import ReadingIn

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HISTORY = datetime(2000, 1, 1, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
DAYS = [datetime(2026, 10, day, tzinfo=UTC) for day in (24, 25, 26)]
TIMES = [
    *DAYS,
    *(day.astimezone(timezone(timedelta(hours=2))) for day in DAYS),
    datetime(2026, 10, 25, 2, 30, tzinfo=PARIS),
    datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1),  # the dict finds the one before
    DAYS[0].replace(tzinfo=None),
    AT + timedelta(hours=1),
    HISTORY - timedelta(days=1),
]
times = st.sampled_from(TIMES)
when = st.one_of(
    st.builds(lambda at: {"observed_at": at}, times),
    st.builds(lambda start, end: {"start": start, "end": end}, times, times),
    st.builds(lambda at: {"start": at, "end": at + timedelta(days=1)}, times),
    st.sampled_from([{"period": "2026-10-25"}, {"period": "2026-10"}, {"period": "2026-13"}, {}]),
)
figures = st.one_of(
    st.builds(lambda value: {"value": value}, st.sampled_from([-1, 0, 1, 5, 101, 10**15, True, None])),
    st.sampled_from(
        [
            {"value": 3, "n": 7},
            {"value": 3, "unit": "percent"},
            {"value": 3, "reason": "late"},
            {"value": 3, "external_id": "a"},
            {"numerator": 1, "denominator": 2},
            {"value": 1, "denominator": 2},
            {"distribution": {"5": 2}},
            {"retract": True},
            {"value": 3, "retract": True},
        ]
    ),
)
definitions = [
    replace(definition, **changes)
    for kind in KINDS.values()
    for method in kind.methods
    for definition in [defaults(kind.key, method.key)]
    for changes in (
        {},
        {"period": "day", "zone": "Europe/Paris"},
        {"period": None, "unit": definition.unit or "things"},
        {"holds": "events"},
    )
]


@pytest.mark.parametrize("chunk", range(4))
@given(data=st.data())
def test_a_batch_takes_what_each_item_alone_would_be(chunk: int, data: st.DataObject) -> None:
    definition = data.draw(st.sampled_from(definitions[chunk::4]))
    intake = Intake(definition, at=AT, history_from=HISTORY)
    for given_figure, given_when in data.draw(st.lists(st.tuples(figures, when), min_size=1, max_size=12)):
        item = ReadingIn(kpi="k", **given_figure, **given_when)
        assert intake.observe(item) == observe(definition, item, at=AT, history_from=HISTORY)


def test_clock_times_that_only_their_fold_tells_apart_are_two_instants() -> None:
    definition = replace(defaults("gauge"), unit="seats")
    intake = Intake(definition, at=AT, history_from=HISTORY)
    twice = [datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold) for fold in (0, 1)]
    seen = [intake.observe(ReadingIn(kpi="k", value=1, observed_at=at)) for at in twice]
    assert [one.span.start.hour for one in seen] == [0, 1]  # type: ignore[union-attr]
