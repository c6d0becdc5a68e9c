"""A base and the flows since: golden numbers, wrong order, drift."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import Definition, defaults
from kpis.series.stock import Base, Span, walk
from kpis.series.sums import Sums


def month(number: int) -> datetime:
    return datetime(2026, number, 1, tzinfo=UTC)


def flows(joined: int, lost: int, third: int | None = None) -> Sums:
    return Sums(
        numerator=Decimal(lost), denominator=Decimal(joined), total=None if third is None else Decimal(third)
    )


def spans(*told: Sums | None) -> list[Span]:
    return [Span(month(n), month(n + 1), sums) for n, sums in enumerate(told, start=1)]


def values(kind: str, told: list[Span], bases: list[Base]) -> list[tuple[Decimal | None, str | None]]:
    points, _ = walk(defaults(kind), told, bases, revision=1)
    return [(point.value, point.reason) for point in points]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("churn", "0.08"), ("retention", "0.92"), ("revenue_churn", "0.08"), ("nrr", "0.97")],
)
def test_a_hundred_less_eight_and_twenty_new(kind: str, value: str) -> None:
    third = 5 if kind in ("revenue_churn", "nrr") else None
    assert values(kind, spans(flows(20, 8, third)), [Base(month(1), Decimal(100))]) == [
        (Decimal(value), None)
    ]


def test_without_a_base_there_is_no_figure_and_it_never_begins_before_one() -> None:
    told = spans(flows(20, 8), flows(10, 2), flows(0, 11))
    assert values("churn", told, []) == [(None, "no_base")] * 3
    found = values("churn", told, [Base(month(2), Decimal(100))])
    assert found[:2] == [(None, "no_base"), (Decimal("0.02"), None)]
    assert found[2] == (Decimal("0.101851851852"), None)  # 11 of 100 + 10 - 2


def test_what_nobody_told_breaks_the_chain_until_the_next_base() -> None:
    told = spans(flows(0, 1), None, flows(0, 1), flows(0, 1))
    bases = [Base(month(1), Decimal(100)), Base(month(4), Decimal(50))]
    assert values("churn", told, bases) == [
        (Decimal("0.01"), None),
        (None, "no_base"),
        (Decimal("0.02"), None),
    ]


def test_a_base_within_a_period_counts_from_there() -> None:
    told = spans(flows(20, 8), flows(0, 11))
    within = Base(datetime(2026, 1, 10, tzinfo=UTC), Decimal(105), flows(10, 5))
    points, checks = walk(defaults("churn"), told, [within], revision=1)
    assert [point.reason for point in points] == ["no_base", None]
    assert points[1].sums.denominator == Decimal(112)  # 105 + 10 more - 3 more
    assert [check.drift for check in checks] == [None]
    points, checks = walk(defaults("churn"), told, [Base(month(1), Decimal(100)), within], revision=1)
    assert [(check.expected, check.drift) for check in checks] == [(None, None), (Decimal(105), Decimal(0))]
    assert points[0].value == Decimal("0.08")


def test_a_later_base_is_believed_and_its_difference_is_shown() -> None:
    bases = [Base(month(1), Decimal(100)), Base(month(2), Decimal(110))]
    points, checks = walk(defaults("churn"), spans(flows(20, 8), flows(0, 11)), bases, revision=1)
    assert [point.drift for point in points] == [None, Decimal(-2)]
    assert [check.expected for check in checks] == [None, Decimal(112)]
    assert points[1].value == Decimal("0.1")


@pytest.mark.parametrize(("base", "reason"), [(0, "empty_base"), (3, "above_base")])
def test_a_base_that_cannot_be_gives_no_figure(base: int, reason: str) -> None:
    lost = 0 if base == 0 else 8
    assert values("churn", spans(flows(20, lost)), [Base(month(1), Decimal(base))]) == [(None, reason)]


def test_who_joins_and_is_lost_in_one_period_weighs_on_the_stock_alone() -> None:
    told = spans(flows(20, 8, 3), flows(0, 0))
    points, _ = walk(defaults("churn"), told, [Base(month(1), Decimal(100))], revision=1)
    assert points[0].value == Decimal("0.08")
    assert points[1].sums.denominator == Decimal(109)


counts = st.integers(0, 50)


@given(st.lists(st.tuples(counts, counts, counts), min_size=1, max_size=8), st.integers(0, 500))
def test_the_stock_is_what_a_plain_count_gives(told: list[tuple[int, int, int]], base: int) -> None:
    definition: Definition = defaults("churn")
    points, _ = walk(
        definition, spans(*(flows(*one) for one in told)), [Base(month(1), Decimal(base))], revision=1
    )
    stock = base
    for point, (joined, lost, brief) in zip(points, told, strict=True):
        if lost > stock:
            assert point.reason == "above_base"
        elif stock == 0:
            assert point.reason == "empty_base"
        else:
            assert point.value == round(Decimal(lost) / Decimal(stock), 12)
        stock += joined - lost - brief
