from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.shape import Document
from journeys.render.board import board
from journeys.render.face import Face
from journeys.render.svg.plan import MOST, Band, bands


def planned(sizes: list[int]) -> tuple[Band, ...]:
    stages = [{"name": "S", "touchpoints": [{"name": "T"} for _ in range(size)]} for size in sizes]
    return bands(board(Document.model_validate({"name": "M", "stages": stages}), (), Face()))


@pytest.mark.parametrize(
    ("sizes", "columns"),
    [
        ([], []),
        ([0], [1]),
        ([2, 2, 2], [6]),
        ([12], [12]),
        ([2, 3, 4, 3, 2], [9, 5]),
        ([5] * 4, [10, 10]),
        ([30], [12, 12, 6]),
    ],
)
def test_bands(sizes: list[int], columns: list[int]) -> None:
    assert [len(band.columns) for band in planned(sizes)] == columns


@given(st.lists(st.integers(0, 30), max_size=15))
def test_every_column_once_in_order_and_no_band_too_wide(sizes: list[int]) -> None:
    found = planned(sizes)
    assert all(1 <= len(band.columns) <= MOST for band in found)
    assert [band.first for band in found] == [
        sum(len(b.columns) for b in found[:i]) for i in range(len(found))
    ]
    shown = [column.index for band in found for column in band.columns if column is not None]
    assert shown == sorted(set(shown))
    assert len(shown) == sum(sizes)


def test_a_stage_that_goes_on_says_so() -> None:
    first, second = planned([20])
    assert [part.continued for band in (first, second) for part in band.parts] == [False, True]
