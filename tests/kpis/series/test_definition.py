"""Definitions come from the table of kinds, and say what is wrong with them."""

import json

import pytest

from kpis.series.definition import Definition, defaults
from kpis.series.definition_check import check_definition
from kpis.series.definition_input import definition_json, parse_definition
from kpis.series.exact import encode
from kpis.series.kinds import CAVEATS, KINDS
from kpis.series.method import DIRECTIONS, INPUTS, PERIODS
from kpis.series.money import CURRENCIES, is_currency


def completed(kind: str, method: str | None = None) -> Definition:
    """The table's definition with the fields that only the KPI can say."""
    data: dict[str, object] = {"kind": kind} | ({"method": method} if method else {})
    plain = defaults(kind, method)
    if plain.unit == "currency":
        data["currency"] = "GBP"
    elif not plain.unit:
        data["unit"] = "requests"
    if plain.input == "none":
        data["expression"] = "{01a20305-2f4b-73c6-a573-1611e48b4060} / 2"
    parsed = parse_definition(data)
    assert isinstance(parsed, Definition), parsed
    return parsed


@pytest.mark.parametrize(("kind", "row"), [(kind, row) for kind in KINDS.values() for row in kind.methods])
def test_each_row_of_the_table_makes_a_sound_definition(kind, row):
    definition = completed(kind.key, row.key)
    assert check_definition(definition) == []
    assert row.direction in DIRECTIONS
    assert set(row.inputs) <= set(INPUTS)
    assert row.formula
    assert row.source
    assert row.period is None or row.period in PERIODS
    assert not row.felt or (definition.lower is not None and definition.upper is not None)
    assert set(kind.caveats) <= set(CAVEATS)


@pytest.mark.parametrize("kind", KINDS)
def test_json_reads_back_to_the_same_definition(kind):
    definition = completed(kind)
    assert parse_definition(json.loads(encode(definition_json(definition)))) == definition


def test_a_wider_scale_widens_the_bounds_of_a_mean():
    definition = parse_definition({"kind": "csat", "method": "mean", "scale_max": 7})
    assert isinstance(definition, Definition)
    assert (definition.scale_min, definition.scale_max) == (1, 7)
    assert (definition.lower, definition.upper) == (1, 7)


def test_single_answers_are_events_without_being_told():
    definition = parse_definition({"kind": "nps", "input": "answers"})
    assert isinstance(definition, Definition)
    assert definition.holds == "events"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, [("", "type")]),
        ([], [("", "type")]),
        ({}, [("/kind", "unknown_kind")]),
        ({"kind": "happiness"}, [("/kind", "unknown_kind")]),
        ({"kind": "csat", "method": "median"}, [("/method", "unknown_method")]),
        ({"kind": "csat", "colour": 1, "min_n": "3"}, [("/colour", "unknown_field"), ("/min_n", "type")]),
        ({"kind": "csat", "a/b": 1}, [("/a~1b", "unknown_field")]),
        ({"kind": "csat", "unit": None}, [("/unit", "null")]),
        ({"kind": "csat", "unit": "percent"}, [("/unit", "unit")]),
        ({"kind": "gauge"}, [("/unit", "unit")]),
        ({"kind": "gauge", "unit": "percent"}, [("/unit", "unit")]),
        ({"kind": "revenue"}, [("/currency", "currency")]),
        ({"kind": "revenue", "currency": "gbp"}, [("/currency", "currency")]),
        ({"kind": "revenue", "currency": "XAU"}, [("/currency", "currency")]),
        ({"kind": "churn", "currency": "GBP"}, [("/currency", "currency")]),
        ({"kind": "churn", "direction": "sideways"}, [("/direction", "choice")]),
        ({"kind": "churn", "period": None}, [("/period", "required")]),
        ({"kind": "churn", "period": "fortnight"}, [("/period", "choice")]),
        ({"kind": "churn", "zone": "Mars/Olympus"}, [("/zone", "zone")]),
        ({"kind": "churn", "zone": "../etc/passwd"}, [("/zone", "zone")]),
        ({"kind": "churn", "zone": ""}, [("/zone", "zone")]),
        ({"kind": "churn", "zone": "Europe"}, [("/zone", "zone")]),
        ({"kind": "churn", "settle_s": -1}, [("/settle_s", "range")]),
        ({"kind": "gauge", "unit": "°C", "settle_s": 60}, [("/settle_s", "range")]),
        ({"kind": "churn", "input": "answers"}, [("/input", "choice")]),
        ({"kind": "nps", "input": "answers", "holds": "figures"}, [("/holds", "holds")]),
        ({"kind": "nps", "holds": "events"}, [("/holds", "holds")]),
        ({"kind": "churn", "holds": "rumours"}, [("/holds", "choice")]),
        ({"kind": "churn", "holds": "events", "input": "value"}, [("/holds", "holds")]),
        ({"kind": "nps", "scale_max": 5}, [("/scale_max", "fixed_scale")]),
        ({"kind": "churn", "scale_max": 5}, [("/scale_max", "no_scale")]),
        ({"kind": "csat", "scale_min": 1, "scale_max": 2}, [("/scale_max", "scale")]),
        ({"kind": "csat", "scale_max": 1000}, [("/scale_max", "scale")]),
        ({"kind": "csat", "scale_max": 5.5}, [("/scale_max", "type")]),
        ({"kind": "csat", "scale_max": True}, [("/scale_max", "type")]),
        ({"kind": "churn", "min_n": -1}, [("/min_n", "negative")]),
        ({"kind": "churn", "upper": 2}, [("/upper", "bounds")]),
        ({"kind": "churn", "upper": None}, [("/upper", "bounds")]),
        ({"kind": "churn", "lower": 0.5, "upper": 0.5}, [("/upper", "bounds")]),
        ({"kind": "churn", "lower": float("nan")}, [("/lower", "out_of_range")]),
        ({"kind": "churn", "sampled": "yes"}, [("/sampled", "type")]),
    ],
)
def test_everything_wrong_is_named_with_its_pointer(data, expected):
    issues = parse_definition(data)
    assert isinstance(issues, list)
    assert [(issue.pointer, issue.code) for issue in issues] == expected


def test_a_narrower_bound_is_the_kpis_own_affair():
    definition = parse_definition({"kind": "churn", "upper": 0.5, "settle_s": 86400, "period": "quarter"})
    assert isinstance(definition, Definition)
    assert str(definition.upper) == "0.5"


def test_currencies_are_iso_4217():
    assert is_currency("GBP")
    assert not is_currency("GBX")
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
