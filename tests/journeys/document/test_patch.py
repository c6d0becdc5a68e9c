from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.patch import (
    BYTES_MAX,
    InvalidPatch,
    TestFailed,
    apply_json_patch,
    apply_merge_patch,
)
from service.errors import TooLarge

# RFC 7396, appendix A: original, patch, result.
VECTORS: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("original", "patch", "result"), VECTORS)
def test_rfc_7396_appendix_a(original: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy((original, patch))
    assert apply_merge_patch(original, patch) == result
    assert (original, patch) == before


json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, json_values)
def test_a_merge_patch_twice_is_once(original: Any, patch: Any) -> None:
    once = apply_merge_patch(original, patch)
    assert apply_merge_patch(once, patch) == once


@given(json_values, json_values)
def test_json_patch_replaces_the_whole(original: Any, other: Any) -> None:
    before = copy.deepcopy(original)
    ops = [{"op": "test", "path": "", "value": before}, {"op": "replace", "path": "", "value": other}]
    assert apply_json_patch(original, ops) == other
    assert original == before


@pytest.mark.parametrize(
    ("ops", "result"),
    [
        ([{"op": "add", "path": "/a/1", "value": 9}], {"a": [1, 9, 2], "b~/": 3}),
        ([{"op": "add", "path": "/a/-", "value": 9}], {"a": [1, 2, 9], "b~/": 3}),
        ([{"op": "remove", "path": "/b~0~1"}], {"a": [1, 2]}),
        ([{"op": "move", "from": "/a", "path": "/c"}], {"c": [1, 2], "b~/": 3}),
        ([{"op": "copy", "from": "/a/0", "path": "/a/-"}], {"a": [1, 2, 1], "b~/": 3}),
        ([{"op": "test", "path": "/a/0", "value": 1.0}], {"a": [1, 2], "b~/": 3}),
        ([], {"a": [1, 2], "b~/": 3}),
        (
            [{"op": "add", "path": "/c", "value": []}, {"op": "add", "path": "/c/-", "value": 1}],
            {"a": [1, 2], "b~/": 3, "c": [1]},
        ),
    ],
)
def test_operations(ops: Any, result: Any) -> None:
    original = {"a": [1, 2], "b~/": 3}
    sent = copy.deepcopy(ops)
    assert apply_json_patch(original, ops) == result
    assert original == {"a": [1, 2], "b~/": 3}
    assert ops == sent


@pytest.mark.parametrize(
    ("ops", "pointer", "code"),
    [
        ({}, "", "wrong_type"),
        ([7], "/0", "wrong_type"),
        ([{"op": "frobnicate", "path": ""}], "/0/op", "not_allowed"),
        ([{"path": ""}], "/0/op", "not_allowed"),
        ([{"op": ["add"], "path": ""}], "/0/op", "not_allowed"),
        ([{"op": "add", "value": 1}], "/0/path", "required"),
        ([{"op": "add", "path": 4, "value": 1}], "/0/path", "required"),
        ([{"op": "add", "path": "a", "value": 1}], "/0/path", "invalid_format"),
        ([{"op": "add", "path": "/a"}], "/0/value", "required"),
        ([{"op": "move", "path": "/a"}], "/0/from", "required"),
        (
            [{"op": "test", "path": "/a", "value": []}, {"op": "copy", "from": "/x", "path": "/a"}],
            "/1/from",
            "no",
        ),
        ([{"op": "remove", "path": "/x"}], "/0", "no_such_place"),
        ([{"op": "replace", "path": "/x", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/x/y", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/a/7", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/a/01", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/a/é", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/s/x", "value": 1}], "/0", "no_such_place"),
        ([{"op": "add", "path": "/a~2", "value": 1}], "/0", "no_such_place"),
        ([{"op": "move", "from": "/o", "path": "/o/p"}], "/0", "no_such_place"),
        ([{"op": "remove", "path": "/a/-"}], "/0", "no_such_place"),
        ([{"op": "test", "path": "", "value": 1}] * 501, "", "too_many"),
    ],
)
def test_what_cannot_be_applied_is_told_by_operation(ops: Any, pointer: str, code: str) -> None:
    original = {"a": [], "s": "text", "o": {}}
    with pytest.raises(InvalidPatch) as refusal:
        apply_json_patch(original, ops)
    (issue,) = refusal.value.issues
    assert issue.pointer == pointer
    assert issue.code.startswith(code)
    assert original == {"a": [], "s": "text", "o": {}}


@pytest.mark.parametrize(
    ("there", "sent"), [(1, True), (0, False), ("1", 1), ([1], [1, 2]), ({}, []), (None, 0)]
)
def test_a_failed_test_is_a_conflict(there: Any, sent: Any) -> None:
    ops = [{"op": "add", "path": "/b", "value": 1}, {"op": "test", "path": "/a", "value": sent}]
    with pytest.raises(TestFailed) as refusal:
        apply_json_patch({"a": there}, ops)
    assert refusal.value.status == 409
    assert refusal.value.issues[0].pointer == "/1"


def test_a_test_of_what_is_not_there_fails() -> None:
    with pytest.raises(TestFailed):
        apply_json_patch({"a": 1}, [{"op": "test", "path": "/x", "value": 1}])


def test_copies_of_copies_do_not_fill_the_memory() -> None:
    doubling = [{"op": "copy", "from": "", "path": f"/x{n}"} for n in range(40)]
    with pytest.raises((TooLarge, InvalidPatch)):
        apply_json_patch({"text": "x" * 1000}, doubling)
    flat = [{"op": "copy", "from": "/a", "path": f"/b/{n}"} for n in range(300)]
    with pytest.raises(TooLarge):
        apply_json_patch({"a": "x" * 100_000, "b": []}, flat)


def test_the_result_is_bounded() -> None:
    half = "x" * (BYTES_MAX // 2)
    with pytest.raises(TooLarge):
        apply_json_patch({"a": half}, [{"op": "add", "path": "/b", "value": half}])
    swapped = [{"op": "remove", "path": "/a"}, {"op": "add", "path": "/b", "value": half}]
    assert apply_json_patch({"a": half}, swapped) == {"b": half}


def test_depth_is_bounded() -> None:
    deeper = [{"op": "copy", "from": "", "path": "/a"} for _ in range(500)]
    with pytest.raises(InvalidPatch) as refusal:
        apply_json_patch({}, deeper)
    assert refusal.value.issues[0].code == "too_deep"
