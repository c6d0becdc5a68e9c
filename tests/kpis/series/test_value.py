"""The golden numbers: formulae of the field, checked against figures worked out elsewhere."""

from decimal import Decimal

import pytest

from kpis.series.definition import defaults
from kpis.series.kinds import KINDS
from kpis.series.sums import EMPTY, Sums
from kpis.series.value import emotion, n_of, value
from tests.kpis.series.make import answers, figure, figure_of_counts, parts, single

EFFORT = (80, 210, 140, 110, 160, 180, 120)
CSAT = (14, 9, 10, 32, 42)


@pytest.mark.parametrize(
    ("kind", "method", "counts", "expected"),
    [
        ("ces", "mean", EFFORT, "4.08"),
        ("ces", "positive_share", EFFORT, "0.46"),
        ("ces", "index", EFFORT, "-13"),
        ("csat", "top_2_box", CSAT, "0.691588785047"),
        ("csat", "mean", CSAT, "3.738317757009"),
        ("score", "rescaled_mean", CSAT, "0.684579439252"),
        ("nps", "net", (0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0), "-100"),  # 6 is a detractor
        ("nps", "net", (0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0), "0"),  # 7 is nobody's, but counts
        ("nps", "net", (0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0), "0"),
        ("nps", "net", (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), "100"),
        ("nps", "net", (5, 0, 5, 0, 5, 0, 5, 20, 10, 30, 20), "30"),
        ("enps", "net", (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2), "33.333333333333"),
        ("nps", "net", (0,) * 11, None),
        ("csat", "top_2_box", (0,) * 5, None),
        ("csat", "mean", (0,) * 5, None),
        ("score", "rescaled_mean", (0,) * 5, None),
    ],
)
def test_one_set_of_answers_by_each_method(kind, method, counts, expected):
    assert figure_of_counts(defaults(kind, method), counts) == (
        None if expected is None else Decimal(expected)
    )


def test_csat_counts_the_two_highest_steps_of_any_scale():
    assert figure_of_counts(defaults("csat", scale=(1, 7)), (1, 1, 1, 1, 1, 3, 2)) == Decimal("0.5")
    assert figure_of_counts(defaults("csat", scale=(0, 10)), (0,) * 9 + (1, 1)) == 1


def test_churn_is_lost_over_start_and_new_customers_never_count():
    assert figure(defaults("churn"), parts(8, 100)) == Decimal("0.08")
    assert figure(defaults("retention"), parts(100 - 8 + 20 - 20, 100)) == Decimal("0.92")


def test_net_revenue_retention_may_exceed_one_hundred_percent():
    assert figure(defaults("nrr"), parts("115000.50", "100000")) == Decimal("1.150005")


def test_drop_off_is_one_minus_conversion():
    assert figure(defaults("conversion"), parts(3, 8)) == Decimal("0.375")
    assert figure(defaults("drop_off"), parts(3, 8)) == Decimal("0.625")
    assert figure(defaults("drop_off", "lost_over_entered"), parts(5, 8)) == Decimal("0.625")


def test_rates_are_re_summed_and_never_averaged():
    assert figure(defaults("open_rate"), parts(90, 100), parts(10, 900)) == Decimal("0.1")


def test_means_weigh_by_n():
    assert figure(defaults("time_on_page"), single("10", n=1), single("20", n=3)) == Decimal("17.5")
    assert figure(defaults("arpu"), parts("300.30", 3), parts("0", 0)) == Decimal("100.1")


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 0), (5, 0), (None, 5), (5, None), (None, None)])
def test_a_denominator_of_0_or_a_missing_side_gives_null(numerator, denominator):
    assert figure(defaults("conversion"), parts(numerator, denominator)) is None


def test_a_missing_side_weighs_on_no_other_reading():
    assert figure(defaults("conversion"), parts(None, 1000), parts(1, 4), parts(7, None)) == Decimal("0.25")


def test_nothing_known_is_null_in_every_kind():
    for kind in KINDS.values():
        for row in kind.methods:
            assert value(defaults(kind.key, row.key), EMPTY) is None


def test_a_bare_figure_stands_alone_and_stays_out_of_roll_ups():
    opens = defaults("open_rate")
    assert figure(opens, single("0.42", n=50, unit="fraction")) == Decimal("0.42")
    assert figure(opens, single("0.42", unit="fraction"), single("0.44", unit="fraction")) is None
    assert figure(opens, single("0.42", unit="fraction"), parts(1, 10)) == Decimal("0.1")
    assert n_of(Sums(bare=Decimal("0.42"), bare_n=50, bares=1)) == 50


def test_twelve_digits_half_to_even():
    custom = defaults("custom", "ratio")
    assert figure(custom, parts("0.0000000000005", 1)) == 0
    assert figure(custom, parts("0.0000000000015", 1)) == Decimal("0.000000000002")
    assert figure(custom, parts(1, 3)) == Decimal("0.333333333333")
    assert figure(custom, parts(2, 3)) == Decimal("0.666666666667")


def test_a_gauge_is_its_latest_value_and_counts_add_up():
    assert figure(defaults("gauge"), single("7")) == 7
    assert figure(defaults("visitors"), single(7), single(0), single(5)) == 12
    assert figure(defaults("visitors"), single(None), single(5)) == 5


@pytest.mark.parametrize(
    ("kind", "method", "figure", "felt"),
    [
        ("nps", None, "50", "0.5"),
        ("csat", "top_2_box", "0.75", "0.5"),
        ("csat", "mean", "4", "0.5"),
        ("ces", "mean", "4", "0"),
        ("ces", "effort_mean", "1", "1"),
        ("score", None, "1", "1"),
        ("star_rating", None, "1", "-1"),
        ("sentiment", None, "-0.25", "-0.25"),
        ("sus", None, "75", "0.5"),
        ("churn", None, "0.08", None),
        ("visitors", None, "8", None),
    ],
)
def test_what_people_felt(kind, method, figure, felt):
    assert emotion(defaults(kind, method), Decimal(figure)) == (None if felt is None else Decimal(felt))


def test_answers_in_json_shape_count_like_counts():
    assert figure(defaults("csat"), answers(_5=42, _4=32, _3=10, _2=9, _1=14)) == Decimal("0.691588785047")
