"""Tallies: exact while few values differ, within one percent beyond, the same in any order."""

from __future__ import annotations

from decimal import Decimal
from statistics import median
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series import tally
from kpis.series.tally import Tally, merged, one, quantile, read_tally, write_tally

VALUES = st.decimals("0", "1E9", places=3).map(lambda value: value + 0)
HALF = Decimal("0.5")


def counted(values):
    return merged([Tally(()), *(one(value) for value in values)])


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], "0.5", None),
        (["7"], "0.95", "7"),
        (["1", "2", "3", "4"], "0.5", "2.5"),
        (["15", "20", "35", "40", "50"], "0.4", "29"),  # PERCENTILE.INC, as Microsoft's page has it
        (["1", "2", "3", "4"], "0.3", "1.9"),  # PERCENTILE.INC's example
        (["5", "5", "5", "100"], "0.9", "71.5"),
        (["0", "0", "9"], "0.5", "0"),
    ],
)
def test_percentiles(values, share, expected):
    found = quantile(counted(map(Decimal, values)), Decimal(share))
    assert found == (None if expected is None else Decimal(expected))


@given(st.lists(VALUES, min_size=1, max_size=40))
def test_the_median_of_few_is_exact(values):
    assert quantile(counted(values), HALF) == median(values)


@given(st.lists(VALUES, max_size=12), st.lists(VALUES, max_size=12), st.lists(VALUES, max_size=12))
def test_any_order_gives_the_same(a, b, c):
    with mock.patch.object(tally, "MOST", 8):
        whole = counted([*a, *b, *c])
        assert merged([counted(c), merged([counted(a), counted(b)])]) == whole
        assert merged([merged([counted(b), counted(c)]), counted(a)]) == whole
        assert read_tally(write_tally(whole)) == whole
        assert whole.n == len(a) + len(b) + len(c)


@pytest.mark.parametrize("share", ["0", "0.5", "0.9", "0.95", "1"])
def test_many_are_within_one_percent(share):
    values = [Decimal(value * value % 100_003) / 7 for value in range(3 * tally.MOST)]
    rough = counted(values)
    assert rough.rough
    assert len(rough.pairs) < tally.MOST
    exact = quantile(
        Tally(tuple((value, values.count(value)) for value in sorted(set(values)))), Decimal(share)
    )
    found = quantile(rough, Decimal(share))
    assert exact is not None
    assert found is not None
    assert abs(found - exact) <= exact / 100


def test_below_zero_and_zero_have_bins_of_their_own(monkeypatch):
    monkeypatch.setattr(tally, "MOST", 1)
    rough = counted(map(Decimal, ("-0.5", "0", "0.5")))
    assert [(value.is_signed(), count) for value, count in rough.pairs] == [(True, 1), (False, 1), (False, 1)]
    assert quantile(rough, HALF) == 0
