"""Mappings: another system's JSON becomes readings, nulls stay nulls, misfits are named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.connectors.mapping import MAX_ITEMS, extract
from kpis.connectors.paths import BadPath, compiled

WEEKLY = {"kpi": "v", "items": "$.data[*]", "value": "$.v", "start": "$.s", "end": "$.e"}
SPAN = {"s": "2026-10-05T00:00:00Z", "e": "2026-10-12T00:00:00+00:00"}


def item(value: Any, **more: Any) -> dict[str, Any]:
    return {"data": [{"v": value, **SPAN, **more}]}


def test_an_item_becomes_a_reading() -> None:
    found = extract([WEEKLY], item(Decimal("5.10")))
    assert found.items == [
        {
            "kpi": "v",
            "value": Decimal("5.10"),
            "start": datetime(2026, 10, 5, tzinfo=UTC),
            "end": datetime(2026, 10, 12, tzinfo=UTC),
            "labels": {},
        }
    ]


def test_null_is_counted_and_never_zero() -> None:
    found = extract([WEEKLY], item(None))
    assert (found.items, found.nulls, found.issues) == ([], 1, [])


@pytest.mark.parametrize("value", [True, "high", "", [], {}, "NaN"])
def test_what_is_no_number_is_named_with_its_place(value: Any) -> None:
    found = extract([WEEKLY], item(value))
    assert found.items == []
    assert [issue.pointer for issue in found.issues] == ["/mappings/0/items/0"]


def test_words_scale_and_text_numbers() -> None:
    mapping = {**WEEKLY, "value_map": {"yes": 1, "no": 0}, "scale": 0.01}
    values = [extract([mapping], item(v)).items[0]["value"] for v in ("yes", "no", "250", 99)]
    assert values == [Decimal("0.01"), Decimal("0.00"), Decimal("2.50"), Decimal("0.99")]


@pytest.mark.parametrize(
    ("cast", "raw", "instant"),
    [
        ("instant", "2026-10-05T09:00:00+02:00", "2026-10-05T09:00:00+02:00"),
        ("instant", "2026-10-05T09:00:00", "2026-10-05T09:00:00+01:00"),
        ("date", "2026-10-05", "2026-10-05T00:00:00+01:00"),
        ("epoch", 1791190800, "2026-10-05T09:00:00+00:00"),
        ("epoch_ms", 1791190800500, "2026-10-05T09:00:00.500000+00:00"),
    ],
)
def test_times_are_read_as_the_mapping_says(cast: str, raw: Any, instant: str) -> None:
    mapping = {"kpi": "v", "value": "$.v", "observed_at": "$.at", "cast": cast, "zone": "Europe/London"}
    assert extract([mapping], {"v": 1, "at": raw}).items[0]["observed_at"].isoformat() == instant


def test_conditions_and_labels() -> None:
    mapping = {
        **WEEKLY,
        "when": [{"path": "$.kind", "one_of": ["a", "b"]}, {"path": "$.gone", "exists": False}],
        "labels": {"page": {"path": "$.page"}, "country": {"const": "gb"}},
    }
    body = {
        "data": [
            {"v": 1, "kind": "a", "page": 7, **SPAN},
            {"v": 2, "kind": "c", "page": "x", **SPAN},
            {"v": 3, "kind": "b", "page": "x", "gone": 1, **SPAN},
        ]
    }
    found = extract([mapping], body)
    assert ([r["labels"] for r in found.items], found.skipped) == ([{"page": "7", "country": "gb"}], 2)


def test_a_distribution_with_an_empty_step_counts_it_as_none_given() -> None:
    mapping = {"kpi": "s", "distribution": {"1": "$.a", "2": "$.b"}, "period": "$.p"}
    assert extract([mapping], {"a": 3, "b": None, "p": "2026-10"}).items[0]["distribution"] == {
        "1": 3,
        "2": 0,
    }
    assert extract([mapping], {"a": None, "b": None, "p": "2026-10"}).nulls == 1


@pytest.mark.parametrize(
    "path", ["", "a.b", "$[", "$.a[?match(@.b, 'x')]", "$.a[?@.b == 1e999]", "$" + ".a" * 200]
)
def test_paths_that_mappings_may_not_use(path: str) -> None:
    with pytest.raises(BadPath):
        compiled(path)


BOMBS = [
    ("$" + "[*,*]" * 45 + ".x", 50),
    ("$[?@" + "[*,*]" * 45 + ".x]", 50),
    ("$[?count(@" + "[*,*]" * 40 + ") > 1]", 50),
    ("$" + "[*,*]" * 15 + "[?@ == 2]", 15),
    ("$" + "..*" * 20, 50),
]


@pytest.mark.parametrize(("path", "depth"), BOMBS)
def test_work_is_bounded_whatever_a_path_asks_for(path: str, depth: int) -> None:
    body: Any = list(range(2000))
    for _ in range(depth):
        body = [body]
    # Without a bound these would not come to an end: the steps are counted, and the last issue says so.
    found = extract([{**WEEKLY, "items": path}, WEEKLY], body)
    assert found.issues[-1].code in {"too_much_work", "too_many_items"}


def test_items_are_bounded_over_all_mappings_and_what_is_left_out_is_told() -> None:
    body = {"data": [{"v": n, **SPAN} for n in range(MAX_ITEMS - 1)]}
    found = extract([WEEKLY, WEEKLY], body)
    assert len(found.items) == len(found.places) == MAX_ITEMS
    assert [(issue.pointer, issue.code) for issue in found.issues] == [
        ("/mappings/1/items", "too_many_items")
    ]


def test_the_unfit_are_all_counted_though_few_are_named() -> None:
    found = extract([WEEKLY], {"data": [{"v": "x", **SPAN}] * 30})
    assert (found.unfit, len(found.issues)) == (30, 20)


@pytest.mark.parametrize(
    ("value", "wanted", "holds"),
    [
        (Decimal("0.1"), 0.1, True),
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (False, 0, False),
        ("1", 1, False),
        (None, None, True),
        ([1], [1], True),
    ],
)
def test_conditions_compare_as_json_does(value: Any, wanted: Any, holds: bool) -> None:
    mapping = {**WEEKLY, "when": [{"path": "$.k", "equals": wanted}]}
    assert len(extract([mapping], item(1, k=value)).items) == holds


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.data[?@.v == 0.1]", 1),
        ("$.data[?@.v == true]", 0),
        ("$.data[?@.s == $.data[0].s]", 1),
        ("$.data[?@.k == $.data[0].k]", 0),  # objects and arrays equal nothing
        ("$.data[?@.k]", 1),
    ],
)
def test_filters_compare_texts_numbers_and_booleans(path: str, found: int) -> None:
    assert len(extract([{**WEEKLY, "items": path}], item(Decimal("0.1"), k=[1])).items) == found


@pytest.mark.parametrize(
    "text", ["1e999999999", "9" * 65, "1_000", "٣", "0x10", "1e500", "--1", "1e-99999999", "∞", "nan"]
)
def test_texts_that_are_no_plain_number_are_not_worked_out(text: str) -> None:
    for mapping in ({**WEEKLY, "scale": 0.01}, {**EPOCH, "cast": "epoch"}):
        found = extract([mapping], {"n": 1, "at": text, **item(text)})
        assert (found.items, found.unfit) == ([], 1)


def test_a_plain_zero_stays_one_whatever_its_exponent() -> None:
    assert extract([WEEKLY], item("0e-99999999")).items[0]["value"] == 0


EPOCH = {"kpi": "v", "value": "$.n", "observed_at": "$.at"}


@pytest.mark.parametrize("raw", [10**18, -(10**18), True, None, [], "0001-01-01", Decimal("1e300")])
def test_instants_out_of_reach_do_not_fit(raw: Any) -> None:
    found = extract([{**EPOCH, "cast": "epoch"}], {"n": 1, "at": raw})
    assert (found.items, found.unfit) == ([], 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_no_body_breaks_a_mapping(body: Any) -> None:
    found = extract([{**WEEKLY, "external_id": "$.id"}, {**WEEKLY, "items": "$..*"}], body)
    assert found.nulls + found.skipped + len(found.items) + len(found.issues) >= 0
