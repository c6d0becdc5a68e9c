"""Mappings: another system's JSON becomes readings, nulls stay nulls, misfits are named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.connectors.mapping import extract
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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_no_body_breaks_a_mapping(body: Any) -> None:
    found = extract([{**WEEKLY, "external_id": "$.id"}, {**WEEKLY, "items": "$..*"}], body)
    assert found.nulls + found.skipped + len(found.items) + len(found.issues) >= 0
