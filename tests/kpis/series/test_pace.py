"""How often figures come: regular feeds have a pace, hands have none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpis.series.pace import pace

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ([], None),
        ([60] * 4, None),  # too few to say
        ([60] * 5, 60),
        ([60, 55, 66, 61, 59, 60], 60),
        ([60] * 9 + [3600], 60),  # one outage
        ([60] * 6 + [3600] * 4, None),
        ([3600] * 10 + [60] * 10, 60),  # it became another
        ([60, 600, 7, 9000, 33, 250], None),
        ([0.1] * 10, None),
    ],
)
def test_pace(gaps: list[float], expected: int | None) -> None:
    instants = [START]
    for gap in gaps:
        instants.append(instants[-1] + timedelta(seconds=gap))
    assert pace(instants) == expected
