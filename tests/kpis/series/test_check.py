"""What is refused, and where the refusal points."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.check import canonical, check_reading
from kpis.series.definition import defaults
from kpis.series.kinds import KINDS
from kpis.series.reading import Reading
from kpis.series.sums import of_reading
from kpis.series.value import value
from tests.kpis.series.make import NOON, answers, parts, single

NPS_ANSWERS = replace(defaults("nps"), input="answers", holds="events")
TOP_2_PARTS = replace(defaults("csat"), input="parts")


def found(definition, reading):
    return [(issue.pointer, issue.code) for issue in check_reading(definition, reading)]


@pytest.mark.parametrize(
    ("definition", "reading"),
    [
        (defaults("churn"), parts(8, 100)),
        (defaults("churn"), parts(0, 0)),
        (defaults("churn"), parts("8.0", "100.0")),  # whole, however written
        (defaults("churn"), parts(None, 100)),  # a side that nobody knows
        (defaults("churn"), single(None)),  # no figure
        (defaults("churn"), single("0.08", unit="fraction")),
        (defaults("churn"), single(8, unit="percent", n=100)),
        (defaults("churn"), Reading(end=NOON, numerator=Decimal(8), denominator=Decimal(100), n=100)),
        (defaults("nrr"), parts("115000.50", "100000")),
        (defaults("nrr"), single(115, unit="percent")),
        (defaults("nps"), answers(_0=1, _10=2)),
        (defaults("nps"), single("-12.5", n=40)),
        (NPS_ANSWERS, single(10)),
        (NPS_ANSWERS, single("7.0")),
        (TOP_2_PARTS, parts(74, 107)),
        (defaults("time_on_task", "mean"), single("2.5", n=4)),
        (defaults("time_on_task", "mean"), single("2500", n=4, unit="milliseconds")),
        (defaults("visitors"), single(33296)),
        (defaults("revenue"), single("-12.50")),  # refunds
        (defaults("gauge"), single("999999999999999.999")),
        (defaults("gauge"), single("0.000000000000000001")),
    ],
)
def test_taken(definition, reading):
    assert found(definition, reading) == []


@pytest.mark.parametrize(
    ("definition", "reading", "expected"),
    [
        (defaults("nps"), answers(_11=1), [("/distribution/11", "out_of_scale")]),
        (defaults("nps"), answers(_9=-1), [("/distribution/9", "negative")]),
        (
            defaults("csat"),
            answers(_0=1, _5=-2),
            [("/distribution/0", "out_of_scale"), ("/distribution/5", "negative")],
        ),
        (
            defaults("csat"),
            Reading(end=NOON, distribution={"4.5": 1}),
            [("/distribution/4.5", "out_of_scale")],
        ),
        (
            defaults("csat"),
            Reading(end=NOON, distribution={"a/b~": 1}),
            [("/distribution/a~1b~0", "out_of_scale")],
        ),
        (
            defaults("csat"),
            Reading(end=NOON, distribution={"4": Decimal("1.5")}),
            [("/distribution/4", "not_whole")],
        ),
        (defaults("csat"), Reading(end=NOON, distribution={"4": 3}, n=4), [("/n", "n_mismatch")]),
        (NPS_ANSWERS, single(11), [("/value", "out_of_scale")]),
        (NPS_ANSWERS, single(-1), [("/value", "out_of_scale")]),
        (NPS_ANSWERS, single("7.5"), [("/value", "out_of_scale")]),
        (NPS_ANSWERS, single("NaN"), [("/value", "not_finite")]),
        (NPS_ANSWERS, single(7, n=2), [("/n", "n_mismatch")]),
        (NPS_ANSWERS, single(7, unit="percent"), [("/unit", "not_taken")]),
        (NPS_ANSWERS, single(None), [("/value", "required")]),
        (NPS_ANSWERS, answers(_9=1), [("/distribution", "not_taken")]),
        (defaults("nps"), single(101), [("/value", "out_of_bounds")]),
        (defaults("nps"), parts(1, 2), [("/numerator", "not_taken")]),
        (defaults("churn"), parts(101, 100), [("/numerator", "above_denominator")]),
        (defaults("churn"), parts(1, 0), [("/numerator", "above_denominator")]),
        (defaults("churn"), parts(-1, 100), [("/numerator", "negative")]),
        (defaults("churn"), parts(-1, -5), [("/numerator", "negative"), ("/denominator", "negative")]),
        (defaults("churn"), parts("1.5", 100), [("/numerator", "not_whole")]),
        (
            defaults("churn"),
            parts("NaN", "Infinity"),
            [("/numerator", "not_finite"), ("/denominator", "not_finite")],
        ),
        (defaults("churn"), single("0.08"), [("/unit", "unit_required")]),
        (defaults("churn"), single(8, unit="fraction"), [("/value", "out_of_bounds")]),
        (defaults("churn"), single(101, unit="percent"), [("/value", "out_of_bounds")]),
        (defaults("churn"), single("0.08", unit="seconds"), [("/unit", "unit_mismatch")]),
        (defaults("churn"), single("0.08", unit="fraction", n=-1), [("/n", "negative")]),
        (
            defaults("churn"),
            Reading(end=NOON, numerator=Decimal(8), denominator=Decimal(100), n=99),
            [("/n", "n_mismatch")],
        ),
        (
            defaults("churn"),
            Reading(end=NOON, value=Decimal("0.08"), numerator=Decimal(8), denominator=Decimal(100)),
            [("/numerator", "ambiguous")],
        ),
        (
            defaults("csat"),
            Reading(end=NOON, value=Decimal("0.08"), distribution={"5": 1}),
            [("/distribution", "ambiguous")],
        ),
        (defaults("nrr"), parts("5", "-1"), [("/denominator", "negative")]),
        (defaults("nrr"), parts("-5", "1"), [("/numerator", "negative")]),
        (defaults("visitors"), single(-1), [("/value", "negative")]),
        (defaults("visitors"), single("1.5"), [("/value", "not_whole")]),
        (defaults("time_on_task", "mean"), single(-1), [("/value", "out_of_bounds")]),
        (defaults("time_on_task", "mean"), single(1, unit="percent"), [("/unit", "unit_mismatch")]),
        (defaults("sentiment"), single("1.01"), [("/value", "out_of_bounds")]),
        (defaults("gauge"), single("1000000000000000"), [("/value", "too_large")]),
        (defaults("gauge"), single("-1E+15"), [("/value", "too_large")]),
        (defaults("gauge"), single("1E+400"), [("/value", "too_large")]),
        (defaults("gauge"), single("1234567890.123456789"), [("/value", "too_precise")]),
        (defaults("gauge"), single("1E-19"), [("/value", "too_precise")]),
        (defaults("gauge"), single("sNaN"), [("/value", "not_finite")]),
        (defaults("gauge"), single("-Infinity"), [("/value", "not_finite")]),
        (defaults("ratio"), single(1), [("", "computed")]),
    ],
)
def test_refused_with_a_pointer(definition, reading, expected):
    assert found(definition, reading) == expected


def test_an_event_may_bring_a_numerator_alone():
    opens = replace(defaults("open_rate"), holds="events")
    assert found(opens, parts(1, 0)) == []
    assert found(opens, single(None)) == [("/value", "required")]


@pytest.mark.parametrize(
    ("definition", "reading", "expected"),
    [
        (defaults("churn"), single("69.16", unit="percent"), "0.6916"),
        (defaults("churn"), single("0.6916", unit="fraction"), "0.6916"),
        (defaults("score"), single("100", unit="percent"), "1"),
        (defaults("time_on_task", "mean"), single("1500", unit="milliseconds", n=1), "1.5"),
        (defaults("time_on_task", "mean"), single("1.5", unit="minutes", n=1), "90"),
        (defaults("time_in_stage", "mean"), single("2", unit="days", n=1), "172800"),
    ],
)
def test_units_are_converted_exactly(definition, reading, expected):
    assert found(definition, reading) == []
    assert value(definition, of_reading(definition, canonical(definition, reading))) == Decimal(expected)


sides = st.none() | st.decimals(-200, 200, places=1) | st.integers(-2, 200).map(Decimal)
wild = st.builds(
    Reading,
    end=st.just(NOON),
    value=st.none() | st.decimals(allow_nan=True, allow_infinity=True),
    numerator=sides,
    denominator=sides,
    n=st.none() | st.integers(-1, 300),
    distribution=st.none() | st.dictionaries(st.integers(-1, 11).map(str), st.integers(-1, 9), max_size=4),
    unit=st.none() | st.sampled_from(["fraction", "percent", "seconds", "minutes"]),
)
rows = st.sampled_from([(kind.key, row.key) for kind in KINDS.values() for row in kind.methods])


@given(rows, wild)
def test_what_is_taken_gives_a_figure_within_bounds_and_nothing_else_raises(key, reading):
    definition = defaults(*key)
    if check_reading(definition, reading):
        return
    figure = value(definition, of_reading(definition, canonical(definition, reading)))
    if figure is not None:
        assert figure.is_finite()
        assert definition.lower is None or figure >= definition.lower
        assert definition.upper is None or figure <= definition.upper
