"""Intervals, against textbook figures."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.definition import defaults
from kpis.series.interval import CENSUS, Interval, interval
from kpis.series.kinds import KINDS
from kpis.series.sums import EMPTY, Sums, of_counts, of_reading
from kpis.series.value import value
from tests.kpis.series.make import parts, single

SHARE = replace(defaults("task_success"), sampled=True)


def nps(detractors: int, passives: int, promoters: int) -> tuple[int, ...]:
    return (detractors, 0, 0, 0, 0, 0, 0, passives, 0, 0, promoters)


def test_nps_of_a_hundred_answers_is_known_to_fifteen_points():
    found = interval(defaults("nps"), of_counts(defaults("nps"), nps(20, 30, 50)))
    assert found is not None
    assert found.method == "multinomial"
    assert found.low is not None
    assert found.high is not None
    assert round((found.high - found.low) / 2, 1) == Decimal("15.3")
    assert (found.high + found.low) / 2 == 30


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
        (29, 29, "0.8830", "1.0000"),
    ],
)
def test_shares_have_wilsons_interval(numerator, denominator, low, high):
    found = interval(SHARE, of_reading(SHARE, parts(numerator, denominator)))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (Decimal(low), Decimal(high))
    assert found.method == "wilson"


def test_a_bare_share_with_its_n_has_the_same_interval_and_without_it_none():
    exact = interval(SHARE, of_reading(SHARE, parts(50, 200)))
    assert interval(SHARE, of_reading(SHARE, single("0.25", n=200))) == exact
    assert interval(SHARE, of_reading(SHARE, single("0.25"))) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_by_which_method_a_share_of_a_sample_has_an_interval(kind):
    for row in KINDS[kind].methods:
        if row.form in ("ratio", "complement"):
            sample = replace(defaults(kind, row.key), sampled=True)
            told = [of_reading(sample, parts(1, 2))]
            told += [of_reading(sample, single("0.5", n=2))] if "value" in row.inputs else []
            found = [interval(sample, one) for one in told]
            assert {one and one.method for one in found} == {row.interval}


def test_the_complement_is_the_mirror():
    drop_off = replace(defaults("drop_off"), sampled=True)
    found = interval(drop_off, of_reading(drop_off, parts(263 - 81, 263)))
    assert found == interval(SHARE, of_reading(SHARE, parts(81, 263)))


def test_means_have_students_interval():
    """Answers 1, 2, 3, 4, 5: mean 3, s = 1.581139, t(4) = 2.776445, so 3 ± 1.963244."""
    mean, score = defaults("csat", "mean"), defaults("score")
    counts = (1, 1, 1, 1, 1)
    expected = Interval(Decimal("1.036757"), Decimal("4.963243"), "t")
    assert interval(mean, of_counts(mean, counts)) == expected
    of_score = interval(score, of_counts(score, counts))
    assert of_score is not None
    assert round(of_score.low * 4 + 1, 4) == round(expected.low, 4)


def test_many_degrees_of_freedom_join_the_table_smoothly():
    """t(30) = 2.042272, t(100) = 1.983972 (tables)."""
    mean = defaults("csat", "mean")
    for n, quantile in ((31, "2.042272"), (101, "1.983972")):
        counts = (n // 2, 0, 0, 0, n - n // 2)
        found = interval(mean, of_counts(mean, counts))
        average = 1 + 4 * (n - n // 2) / n
        spread = ((n // 2) * (average - 1) ** 2 + (n - n // 2) * (5 - average) ** 2) / (n - 1)
        reach = float(quantile) * (spread / n) ** 0.5
        assert float(found.high) == pytest.approx(min(5.0, average + reach), abs=2e-6)


def test_equal_answers_do_not_pretend_to_certainty():
    definition = defaults("nps")
    found = interval(definition, of_counts(definition, nps(0, 0, 3)))
    assert found is not None
    assert found.high == 100
    assert found.low < 0
    one = interval(defaults("csat", "mean"), of_counts(defaults("csat", "mean"), (0, 0, 1, 0, 0)))
    assert one is not None
    assert one.low < Decimal("1.9")
    assert one.high > Decimal("4.1")


def test_a_full_count_is_a_census_and_an_unknown_spread_is_unknown():
    assert interval(defaults("churn"), of_reading(defaults("churn"), parts(8, 100))) is CENSUS
    assert interval(defaults("sus"), of_reading(defaults("sus"), single(70, n=40))) is None
    assert interval(defaults("nps"), EMPTY) is None
    assert interval(defaults("nps"), Sums(bare=Decimal(20), bare_n=50, bares=1)) is None
    assert interval(SHARE, of_reading(SHARE, parts(0, 0))) is None


surveys = st.sampled_from(
    [("nps", None), ("csat", "top_2_box"), ("csat", "mean"), ("score", None), ("ces", "index")]
)


@given(surveys, st.data())
def test_the_figure_lies_in_its_interval_and_the_interval_in_its_bounds(key, data):
    definition = defaults(*key)
    n = len(definition.steps)
    counts = data.draw(st.tuples(*[st.integers(0, 10**6)] * n).filter(any))
    sums = of_counts(definition, counts)
    found, figure = interval(definition, sums), value(definition, sums)
    assert found is not None
    assert definition.lower is None or definition.lower <= found.low
    assert found.low - Decimal("5E-7") <= figure <= found.high + Decimal("5E-7")
    assert definition.upper is None or found.high <= definition.upper
