"""Label sets and selectors: canonical, bounded, and a total never adds to its parts."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.labels import check_labels, check_selector, labels_key, selects

pairs = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@given(pairs, st.randoms(use_true_random=False))
def test_equal_sets_have_equal_keys(labels: dict[str, str], random: object) -> None:
    items = list(labels.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert labels_key(dict(items)) == labels_key(labels)
    assert json.loads(labels_key(labels)) == labels


@given(pairs, pairs)
def test_a_set_is_selected_by_itself_and_by_stars_for_its_own_names(labels: dict, other: dict) -> None:
    assert selects(labels, labels)
    assert selects(dict.fromkeys(labels, "*"), labels)
    assert selects(other, labels) is (other == labels)
    assert not selects({**labels, "more": "*"}, labels)


def test_a_total_is_none_of_its_parts() -> None:
    assert not selects({}, {"page": "a"})
    assert not selects({"page": "*"}, {})


@pytest.mark.parametrize(
    ("labels", "wrong"),
    [
        ({}, set()),
        ({"Segment/größe": "10 000 € 👩‍💻"}, set()),
        ({"a": ""}, {("/labels/a", "label_value")}),
        ({"a": "\ud800"}, {("/labels/a", "label_value")}),
        ({"a": "x\x00"}, {("/labels/a", "label_value")}),
        ({"": "x", "b" * 65: "x"}, {("/labels", "label_name")}),
        ({"a/b": "*"}, {("/labels/a~1b", "reserved")}),
        ({str(n): "x" for n in range(9)}, {("/labels", "too_many")}),
        ({str(n): "é" * 200 for n in range(8)}, {("/labels", "too_long")}),
    ],
)
def test_labels_are_text_within_bounds(labels: dict, wrong: set) -> None:
    assert {(issue.pointer, issue.code) for issue in check_labels(labels)} == wrong


def test_a_selector_may_have_stars() -> None:
    assert check_selector({"a": "*", "b": "x"}) == []
    assert [issue.pointer for issue in check_selector({"a": ""})] == ["/selector/a"]


def test_every_pair_of_sets_is_told_apart() -> None:
    sets = [{}, {"a": "b"}, {"a": "c"}, {"b": "a"}, {"a": "b", "c": "d"}, {"a": 'b","c":"d'}]
    assert all((labels_key(one) == labels_key(two)) is (one is two) for one, two in product(sets, sets))
