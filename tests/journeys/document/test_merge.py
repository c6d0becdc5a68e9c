"""Three documents in, one out: nothing is lost silently, and nobody is asked without need."""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.document.canonical import to_plain
from journeys.document.merge import Conflict, Resolution, UnknownResolution, merge
from journeys.document.minting import with_ids
from journeys.document.validate import parse

from .strategies import minter
from .test_diff import calm, plain_documents, reworked

Json = dict[str, Any]


@calm
@given(plain_documents(), st.integers(0, 2**32))
def test_with_an_unchanged_side_the_result_is_the_other(base: Json, seed: int) -> None:
    changed = reworked(base, seed)
    for ours, theirs, result in ((changed, base, changed), (base, changed, changed), (changed,) * 3):
        merged = merge(base, copy.deepcopy(ours), copy.deepcopy(theirs))
        assert merged.document == result
        assert merged.conflicts == ()


@calm
@given(plain_documents(), plain_documents())
def test_whatever_the_other_side_is(base: Json, other: Json) -> None:
    for ours, theirs in ((other, base), (base, other), (other, other)):
        before = copy.deepcopy((base, ours, theirs))
        merged = merge(base, ours, theirs)
        assert (merged.document, merged.conflicts) == (other, ())
        assert (base, ours, theirs) == before


@calm
@given(plain_documents(), st.integers(0, 2**32), st.integers(0, 2**32))
def test_a_side_can_always_be_taken(base: Json, one: int, other: int) -> None:
    """Conflicts that are resolved leave no more of them than those that the resolution uncovers."""
    ours, theirs = reworked(base, one), reworked(base, other)
    for side in ("ours", "theirs"):
        taken: dict[Any, Resolution] = {}
        for _ in range(5):
            merged = merge(base, ours, theirs, taken.values())
            if not merged.conflicts:
                break
            taken |= {c.key: Resolution(c.kind, c.id, c.field, side) for c in merged.conflicts}
        assert merged.conflicts == ()
        assert with_ids(parse(merged.document), minter()) is not None


def base() -> Json:
    raw: Json = {
        "name": "m",
        "personas": [{"name": "Ana", "key": "ana"}],
        "lanes": [{"key": "tools", "label": "Tools"}],
        "stages": [
            {
                "name": "Search",
                "key": "search",
                "touchpoints": [
                    {"name": "Reads", "key": "reads", "channels": ["web"], "attributes": {"a": "1"}},
                    {"name": "Visits", "key": "visits", "pains": [{"text": "Far"}]},
                ],
            },
            {"name": "Deal", "key": "deal", "touchpoints": [{"name": "Signs", "key": "signs"}]},
        ],
    }
    return to_plain(with_ids(parse(raw), minter()))


def touchpoint(document: Json, key: str) -> Json:
    return next(t for s in document["stages"] for t in s["touchpoints"] if t.get("key") == key)


def three() -> tuple[Json, Json, Json]:
    return base(), base(), base()


def test_what_each_side_did_alone_is_put_together() -> None:
    was, ours, theirs = three()
    touchpoint(ours, "reads")["owner"] = "Ours"
    touchpoint(ours, "reads")["attributes"] = {"a": "1", "b": "2"}
    touchpoint(ours, "reads")["channels"] = ["web", "email"]
    ours["stages"][0]["touchpoints"].append({"id": str(UUID(int=1)), "name": "Asks"})
    touchpoint(theirs, "reads")["importance"] = 0.5
    touchpoint(theirs, "reads")["attributes"] = {"c": "3"}
    touchpoint(theirs, "reads")["channels"] = ["phone"]
    theirs["stages"][0]["touchpoints"].insert(1, {"id": str(UUID(int=2)), "name": "Calls"})
    theirs["stages"].reverse()
    merged = merge(was, ours, theirs)
    assert merged.conflicts == ()
    assert [s["name"] for s in merged.document["stages"]] == ["Deal", "Search"]
    found = merged.document["stages"][1]["touchpoints"]
    assert [t["name"] for t in found] == ["Reads", "Calls", "Visits", "Asks"]
    assert (found[0]["owner"], found[0]["importance"]) == ("Ours", 0.5)
    assert found[0]["attributes"] == {"b": "2", "c": "3"}
    assert found[0]["channels"] == ["email", "phone"]


def test_one_member_two_values_is_a_conflict() -> None:
    was, ours, theirs = three()
    touchpoint(ours, "reads")["owner"] = "Ours"
    touchpoint(theirs, "reads")["owner"] = "Theirs"
    own = touchpoint(was, "reads")["id"]
    merged = merge(was, ours, theirs)
    assert merged.conflicts == (Conflict("touchpoint", own, "Reads", "owner", None, "Ours", "Theirs"),)
    assert merged.document == ours
    for given_, value in (
        (Resolution("touchpoint", own, "owner", "theirs"), "Theirs"),
        (Resolution("touchpoint", own, "owner", "ours"), "Ours"),
        (Resolution("touchpoint", own, "owner", "base"), None),
        (Resolution("touchpoint", own, "owner", value="Both"), "Both"),
    ):
        decided = merge(was, ours, theirs, [given_])
        assert decided.conflicts == ()
        assert touchpoint(decided.document, "reads").get("owner") == value
    touchpoint(theirs, "reads")["owner"] = "Ours"
    assert merge(was, ours, theirs).conflicts == ()


def test_what_one_removes_and_the_other_changes_is_in_dispute() -> None:
    was, ours, theirs = three()
    own = touchpoint(was, "visits")["id"]
    del ours["stages"][0]["touchpoints"][1]
    touchpoint(theirs, "visits")["owner"] = "Theirs"
    [conflict] = merge(was, ours, theirs).conflicts
    assert conflict.key == ("touchpoint", own, "presence")
    assert (conflict.ours, conflict.theirs["owner"]) == (None, "Theirs")
    gone = merge(was, ours, theirs, [Resolution("touchpoint", own, "presence", "ours")])
    assert gone.document == ours
    kept = merge(was, ours, theirs, [Resolution("touchpoint", own, "presence", "theirs")])
    assert kept.document == theirs


def test_a_stage_that_is_needed_is_in_dispute_once() -> None:
    was, ours, theirs = three()
    own = was["stages"][0]["id"]
    del theirs["stages"][0]
    ours["stages"][0]["touchpoints"].append({"id": str(UUID(int=1)), "name": "Asks"})
    touchpoint(ours, "visits")["pains"][0]["text"] = "Too far"
    merged = merge(was, ours, theirs)
    assert [c.key for c in merged.conflicts] == [("stage", own, "presence")]
    assert merged.document == ours
    for side, result in (("ours", ours), ("theirs", theirs)):
        assert merge(was, ours, theirs, [Resolution("stage", own, "presence", side)]).document == result


def test_what_both_moved_is_in_dispute() -> None:
    was, ours, theirs = three()
    third = {"id": str(UUID(int=9)), "name": "Third"}
    for document in (was, ours, theirs):
        document["stages"].append(dict(third))
    own = touchpoint(was, "reads")["id"]
    ours["stages"][1]["touchpoints"].append(ours["stages"][0]["touchpoints"].pop(0))
    theirs["stages"][2]["touchpoints"] = [theirs["stages"][0]["touchpoints"].pop(0)]
    [conflict] = merge(was, ours, theirs).conflicts
    assert conflict.key == ("touchpoint", own, "place")
    for side, result in (("ours", ours), ("theirs", theirs), ("base", was)):
        assert merge(was, ours, theirs, [Resolution("touchpoint", own, "place", side)]).document == result


def test_a_persona_that_is_named_again_is_in_dispute() -> None:
    was, ours, theirs = three()
    ana = was["personas"][0]["id"]
    del ours["personas"]
    touchpoint(theirs, "visits")["pains"][0]["persona"] = ana
    [conflict] = merge(was, ours, theirs).conflicts
    assert conflict.key == ("persona", ana, "presence")
    gone = merge(was, ours, theirs, [Resolution("persona", ana, "presence", "ours")]).document
    assert gone == ours
    kept = merge(was, ours, theirs, [Resolution("persona", ana, "presence", "theirs")]).document
    assert kept == theirs


def test_a_way_to_what_is_gone_is_in_dispute() -> None:
    was, ours, theirs = three()
    reads, signs = (touchpoint(was, key)["id"] for key in ("reads", "signs"))
    del ours["stages"][1]["touchpoints"]
    theirs["transitions"] = [{"from": reads, "to": signs}]
    assert [c.key for c in merge(was, ours, theirs).conflicts] == [("touchpoint", signs, "presence")]


def test_without_a_base_only_what_differs_is_asked() -> None:
    _, ours, theirs = three()
    assert merge({}, ours, theirs).conflicts == ()
    assert merge({}, ours, theirs).document == ours
    touchpoint(theirs, "reads")["owner"] = "Theirs"
    assert merge({}, ours, theirs).conflicts == ()
    touchpoint(ours, "reads")["owner"] = "Ours"
    assert [c.field for c in merge({}, ours, theirs).conflicts] == ["owner"]


def test_a_resolution_of_nothing_that_is_there_is_refused() -> None:
    was, ours, theirs = three()
    with pytest.raises(UnknownResolution) as refusal:
        merge(was, ours, theirs, [Resolution("map", "", "name", "ours"), Resolution("stage", "x", "name")])
    assert refusal.value.index == 1
