"""What is different between two documents: told by identity, done again, undone, written as a patch."""

from __future__ import annotations

import copy
import random
import re
from itertools import pairwise
from typing import Any
from uuid import UUID

import jsonpatch
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from journeys.document.bodies import EMPTY, split
from journeys.document.canonical import to_plain
from journeys.document.diff import Change, Place, apply, change_log, diff, json_patch, paired, parts_of
from journeys.document.diff.order import longest_rise
from journeys.document.edit import LAST, get_element, insert_touchpoint, move, remove_element, replace_element
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import documents, minter
from .test_edit import sample

Json = dict[str, Any]
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LANES = ("pains", "gains", "opportunities")
ITEM = {"id", "text", "evidence", "source", "date", "persona"}


def own(document: Document, key: str) -> str:
    return str(get_element(document, key).id)


def plain_documents() -> st.SearchStrategy[Json]:
    return documents().map(to_plain)


def reworked(plain: Json, seed: int) -> Json:
    """Return the document with everything shaken: moved, renamed, taken out, put in."""
    dice, new_id, found = random.Random(seed), minter(1 << 40), copy.deepcopy(plain)
    stages = found.get("stages", [])
    dice.shuffle(stages)
    touchpoints = [t for s in stages for t in s.pop("touchpoints", [])]
    dice.shuffle(touchpoints)
    items = [item for t in touchpoints for lane in LANES for item in t.pop(lane, [])]
    dice.shuffle(items)
    if stages and dice.random() < 0.5:
        stages.pop()
    if dice.random() < 0.5:
        stages.insert(0, {"id": str(new_id()), "name": "new"})
    for touchpoint in touchpoints[: dice.randint(0, len(touchpoints))] if stages else ():
        dice.choice(stages).setdefault("touchpoints", []).append(touchpoint)
        touchpoint["attributes"] = {"a/b~c": str(dice.random()), "x": ""}
    kept = [t for s in stages for t in s.get("touchpoints", [])]
    for item in items if kept else ():
        plain_item = {name: value for name, value in item.items() if name in ITEM}
        dice.choice(kept).setdefault(dice.choice(LANES), []).append(plain_item)
    if not stages:
        found.pop("stages", None)
    found.pop("transitions", None)
    return found


@calm
@given(plain_documents())
def test_a_document_does_not_differ_from_itself(plain: Json) -> None:
    assert diff(plain, copy.deepcopy(plain)) == ()


@calm
@given(plain_documents(), plain_documents())
def test_a_difference_that_is_done_gives_the_other_document(one: Json, other: Json) -> None:
    before, changes = copy.deepcopy(one), diff(one, other)
    assert apply(changes, one) == other
    assert bool(changes) == (one != other)
    assert jsonpatch.JsonPatch(json_patch(changes, one)).apply(one) == other
    assert one == before


@calm
@given(plain_documents(), st.integers(0, 2**32))
def test_a_document_that_was_shaken_is_made_again(one: Json, seed: int) -> None:
    other = reworked(one, seed)
    for old, new in ((one, other), (other, one)):
        changes = diff(old, new)
        assert apply(changes, old) == new
        assert jsonpatch.JsonPatch(json_patch(changes, old)).apply(old) == new
        there, was = set(parts_of(new)), set(parts_of(old))
        told = {(change.kind, change.id): change.verb for change in changes}
        assert all(key in there and key not in was for key, verb in told.items() if verb == "added")
        assert all(key in was and key not in there for key, verb in told.items() if verb == "removed")
        assert all(key in was and key in there for key, verb in told.items() if verb == "moved")


@calm
@given(documents(), st.integers(0, 2**32))
def test_what_is_the_same_need_not_be_read(document: Document, seed: int) -> None:
    old = to_plain(document)
    new = reworked(old, seed)
    changes, cut = diff(old, new), paired(split(old), split(new))
    assert diff(*cut) == changes
    assert json_patch(changes, cut[0]) == json_patch(changes, old)
    assert change_log(changes, *cut, title="x") == change_log(changes, old, new, title="x")
    assert paired(EMPTY, split(old)) == ({}, old)


@calm
@given(documents(), st.data())
def test_one_move_is_told_as_one(document: Document, data: st.DataObject) -> None:
    plain = to_plain(document)
    standing = [p for p in parts_of(plain).values() if p.kind in ("stage", "touchpoint")]
    assume(standing)
    one = data.draw(st.sampled_from(standing))
    stages = [UUID(p.id) for p in standing if p.kind == "stage"]
    parent = data.draw(st.sampled_from(stages)) if one.kind == "touchpoint" else None
    moved = move(document, UUID(one.id), parent=parent, after=data.draw(st.sampled_from([None, LAST])))
    changes = diff(plain, to_plain(moved))
    now, was = parts_of(to_plain(moved))[one.kind, one.id].place, one.place
    assert now is not None
    assert was is not None
    assert {c.verb for c in changes} <= {"moved"}
    assert len(changes) == (was != now)
    if (was.parent, abs(was.index - now.index)) != (now.parent, 1):  # of two that change places, either moved
        assert all(c.id == one.id for c in changes)


@calm
@given(st.permutations(range(9)))
def test_the_longest_rise_is_the_longest(numbers: list[int]) -> None:
    rise = sorted(longest_rise(numbers))
    assert all(numbers[a] < numbers[b] for a, b in pairwise(rise))
    best = [1] * len(numbers)
    for at, number in enumerate(numbers):
        best[at] += max((best[b] for b in range(at) if numbers[b] < number), default=0)
    assert len(rise) == max(best)


def test_each_kind_of_change() -> None:
    before = sample()
    a, b, one, two, three = (own(before, key) for key in ("a", "b", "one", "two", "three"))
    parts = parts_of(to_plain(before))
    c, way = parts["touchpoint", own(before, "c")], parts["transition", f"{b}>{own(before, 'c')}"]
    after = move(before, "a", parent="two", after="d")
    after = remove_element(after, "c")
    after = replace_element(after, "b", {"name": "B", "key": "b", "importance": 0.5}, new_id=minter(99))
    after, new = insert_touchpoint(after, "three", {"name": "n"}, new_id=minter(99))
    was_b, is_b = Place(one, "touchpoints", 1), Place(one, "touchpoints", 0)
    assert diff(to_plain(before), to_plain(after)) == (
        Change("removed", "touchpoint", c.id, "c", source=c.place, before=c.own),
        Change("removed", "transition", way.id, "", source=way.place, before=way.own),
        Change("changed", "touchpoint", b, "B", was_b, is_b, "importance", None, 0.5),
        Change("renamed", "touchpoint", b, "B", was_b, is_b, "name", "b", "B"),
        Change("moved", "touchpoint", a, "a", Place(one, "touchpoints", 0), Place(two, "touchpoints", 1)),
        Change(
            "added",
            "touchpoint",
            str(new),
            "n",
            target=Place(three, "touchpoints", 0),
            after={"id": str(new), "name": "n"},
        ),
    )


def test_neighbours_of_what_moved_have_not_moved() -> None:
    before = sample()
    assert diff(to_plain(before), to_plain(move(before, "a", after=None))) == ()
    last = diff(to_plain(before), to_plain(move(before, "a")))
    assert [(c.verb, c.id) for c in last] == [("moved", own(before, "a"))]


def whole(**members: Any) -> Json:
    touchpoint = {
        "name": "Signs",
        "key": "t",
        "pains": [{"id": str(UUID(int=(7 << 76) | (2 << 62) | 50)), "text": "*Slow* <b>"}],
    }
    stage = {"name": "Deal", "key": "s", "touchpoints": [touchpoint, {"name": "Pays", "key": "p"}]}
    raw = {"name": "m", "lanes": [{"key": "tools", "label": "Tools"}], "stages": [stage]}
    return to_plain(with_ids(parse({**raw, **members}), minter()))


def told(changes: tuple[Change, ...]) -> list[tuple[Any, ...]]:
    return [(c.verb, c.kind, c.name, c.field, c.before, c.after) for c in changes]


def test_members_inside_a_member_are_told_one_by_one() -> None:
    old = whole(attributes={"team": "a", "gone": "x"}, review={"owner": "Ana"})
    new = whole(attributes={"team": "b"}, review={"owner": "Ana", "cadence": "weekly"}, cyclic=True)
    assert told(diff(old, new)) == [
        ("changed", "map", "m", "attributes/gone", "x", None),
        ("changed", "map", "m", "attributes/team", "a", "b"),
        ("changed", "map", "m", "cyclic", None, True),
        ("changed", "map", "m", "review/cadence", None, "weekly"),
    ]


def test_an_item_that_changes_its_lane_moved() -> None:
    old, new = whole(), whole()
    first, second = new["stages"][0]["touchpoints"]
    second["lane_items"] = {"tools": first.pop("pains")}
    [change] = diff(old, new)
    assert (change.verb, change.kind, change.name) == ("moved", "item", "*Slow* <b>")
    assert change.source == Place(first["id"], "pains", 0)
    assert change.target == Place(second["id"], "lane_items/tools", 0)
    ops = json_patch((change,), old)
    assert [op["op"] for op in ops] == ["add", "add", "move", "remove"]
    assert apply((change,), old) == new


def test_ways_are_told_by_their_ends() -> None:
    ways = [{"from": "t", "to": "p", "likelihood": 0.5}, {"from": "t", "to": "p", "label": "again"}]
    changed = [{**ways[0], "likelihood": 0.25}, ways[1], {"from": "p", "to": "t"}]
    old, new = whole(transitions=ways), whole(transitions=changed)
    t, p = (touchpoint["id"] for touchpoint in old["stages"][0]["touchpoints"])
    assert [(c.verb, c.id, c.field) for c in diff(old, new)] == [
        ("changed", f"{t}>{p}", "likelihood"),
        ("added", f"{p}>{t}", ""),
    ]
    assert [c.id for c in diff(new, whole(transitions=[ways[0]])) if c.verb == "removed"] == [
        f"{t}>{p}#2",
        f"{p}>{t}",
    ]


def test_what_has_no_id_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="no id"):
        diff({"name": "m"}, {"name": "m", "stages": [{"name": "s"}]})


def test_the_change_log_tells_the_story() -> None:
    old = whole(personas=[{"name": "Ana", "goals": ["rent"]}])
    new = whole(personas=[{"name": "Ana", "goals": ["rent", "stay"]}], scenario="In *May*\n# now")
    stage = new["stages"][0]
    stage["touchpoints"][0]["owner"] = "Agent"
    stage["touchpoints"][0]["pains"].append({"id": str(UUID(int=5)), "text": "Dear"})
    home = {"id": str(UUID(int=6)), "name": "Moves in", "gains": [{"id": "g", "text": "Home"}]}
    stage["touchpoints"].append(home)
    gone = stage["touchpoints"].pop(1)
    new["transitions"] = [{"from": stage["touchpoints"][0]["id"], "to": home["id"], "likelihood": 0.3}]
    log = change_log(diff(old, new), old, new, title="1 → 2")
    assert log.splitlines() == [
        "# 1 → 2",
        "",
        "3 added, 1 removed, 3 changed.",
        "",
        "## The map",
        "",
        "- Scenario: set to “In \\*May\\* \\# now”",
        "",
        "## Personas",
        "",
        "- **Ana**: goals: “rent” → “rent”, “stay”",
        "",
        "## Deal",
        "",
        "### Signs",
        "",
        "- Owner: set to “Agent”",
        "- Pains: “Dear” added",
        "",
        "### Moves in",
        "",
        "- Added",
        "  - gains: “Home”",
        "",
        f"### {gone['name']}",
        "",
        "- Removed",
        "",
        "## Ways",
        "",
        "- **Signs** → **Moves in**: added",
    ]
    assert "Nothing changed." in change_log((), old, old, title="x")


@calm
@given(plain_documents(), st.integers(0, 2**32))
def test_a_change_log_lets_no_markup_through(one: Json, seed: int) -> None:
    other = reworked(one, seed) | {"name": "<script>[x](javascript:1)"}
    log = change_log(diff(one, other), one, other, title="<b>")
    assert not set("<[`") & set(re.sub(r"\\.", "", log))


def test_two_thousand_touchpoints_are_all_told() -> None:
    """All of them moved and changed."""
    items = [{"text": f"i{n}"} for n in range(4)]
    stages = [
        {"name": f"s{s}", "touchpoints": [{"name": f"{s}.{t}", "pains": items} for t in range(50)]}
        for s in range(20)
    ]
    old = to_plain(with_ids(parse({"name": "m", "stages": stages}), minter()))
    twice = copy.deepcopy(old["stages"])
    for touchpoint in (t for s in twice for t in s["touchpoints"]):
        touchpoint["id"] = touchpoint["id"][:-12] + "f" + touchpoint["id"][-11:]
        touchpoint["pains"] = []
    for stage, more in zip(old["stages"], twice, strict=True):
        stage["touchpoints"] += [{k: v for k, v in t.items() if v} for t in more["touchpoints"]]
    new, dice = copy.deepcopy(old), random.Random(7)
    touchpoints = [t for s in new["stages"] for t in s["touchpoints"]]
    dice.shuffle(touchpoints)
    for place, touchpoint in enumerate(touchpoints):
        touchpoint["owner"] = str(place)
    for place, stage in enumerate(new["stages"]):
        stage["touchpoints"] = touchpoints[place * 100 : place * 100 + 100]
    changes = diff(old, new)
    assert apply(changes, old) == new
    assert len(changes) > 3900
    assert change_log(changes, old, new, title="m").count("### ") == 2000
