"""What marks say of a figure that had settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kpis.series.point import Point
from kpis.series.restated import WHYS, Mark, change_of, restated

START, END = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)
APRIL = Point(START, END, value=Decimal(5))


def mark(after: int, why: str = "correction", start: datetime = START, end: datetime = END) -> Mark:
    """Told so many days after April was over, within a second."""
    at = END + after * DAY
    return Mark(start, end, at - timedelta(seconds=1), at, why, None)


part = {"start": START + DAY, "end": START + 2 * DAY}
instant = {"start": START + DAY, "end": START + DAY}


@pytest.mark.parametrize(
    ("marks", "first", "last"),
    [
        ([], None, None),
        ([mark(2), mark(9), mark(5)], 2, 9),
        ([mark(0)], None, None),  # told before it had settled
        ([mark(2, **part)], 2, 2),
        ([mark(2), mark(3, **part)], 2, 2),  # a figure of its own covers its parts
        ([mark(2), mark(3, "retraction"), mark(4, **part)], 2, 4),
        ([mark(2, **instant), mark(3, "late_data", **instant)], 2, 3),
        ([mark(2, start=END, end=END)], None, None),
        ([mark(2, start=END, end=END + DAY)], None, None),
        ([mark(2, start=START - DAY, end=START)], None, None),
        ([mark(2, start=START, end=START)], 2, 2),
    ],
)
def test_the_first_and_the_last_change_of_a_period(
    marks: list[Mark], first: int | None, last: int | None
) -> None:
    found = change_of(APRIL, END + DAY / 2, [marks])
    if first is None or last is None:
        assert found is None
    else:
        assert found is not None
        before = END + first * DAY - timedelta(seconds=1, microseconds=1)
        assert (found.known_at, found.at) == (before, END + last * DAY)
        assert found.why in WHYS


def test_an_instant_is_its_own_reading() -> None:
    point = Point(None, START, value=Decimal(1))
    assert change_of(point, START, [[mark(1, start=START, end=START)]]) is not None
    assert change_of(point, START, [[mark(1, **part)]]) is None


@pytest.mark.parametrize(
    ("was", "now", "told"), [(4, 5, True), (5, 5, False), (None, 5, False), (4, None, False)]
)
def test_only_another_figure_is_told(was: int | None, now: int | None, told: bool) -> None:
    change = change_of(APRIL, END, [[mark(1)]])
    assert change is not None
    before, after = (
        Point(START, END, value=None if figure is None else Decimal(figure)) for figure in (was, now)
    )
    assert (restated(after, before, change) is not None) == told
    assert restated(after, None, change) is None
