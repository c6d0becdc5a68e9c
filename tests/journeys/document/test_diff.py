from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeys.document.diff import Change, changes, continuations, elements_of, succession
from journeys.document.edit import LAST, get_element, insert_touchpoint, move, remove_element, replace_element
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import documents, minter
from .test_edit import sample


def own(document: Document, key: str) -> UUID:
    found = get_element(document, key).id
    assert found is not None
    return found


@given(documents())
def test_a_document_does_not_differ_from_itself(document: Document) -> None:
    assert changes(document, document) == []


@given(documents(), documents())
def test_added_and_removed_are_mirrored(one: Document, other: Document) -> None:
    there = [(c.verb, c.id) for c in changes(one, other)]
    back = [(c.verb, c.id) for c in changes(other, one)]
    assert {i for v, i in there if v == "added"} == {i for v, i in back if v == "removed"}
    assert {i for v, i in there if v == "added"} == elements_of(other).keys() - elements_of(one).keys()


@given(documents(), st.data())
def test_one_move_is_told_as_one(document: Document, data: st.DataObject) -> None:
    standing = list(elements_of(document).values())
    assume(standing)
    one = data.draw(st.sampled_from(standing))
    stages = [s.id for s in standing if s.kind == "stage"]
    parent = data.draw(st.sampled_from(stages)) if one.kind == "touchpoint" else None
    moved = move(document, one.id, parent=parent, after=data.draw(st.sampled_from([None, LAST])))
    found = changes(document, moved)
    now = elements_of(moved)[one.id]
    assert {c.verb for c in found} <= {"moved"}
    assert len(found) == ((one.parent, one.index) != (now.parent, now.index))
    if (one.parent, abs(one.index - now.index)) != (now.parent, 1):  # of two that change places, either moved
        assert all(c.id == one.id for c in found)


def test_each_kind_of_change() -> None:
    before = sample()
    a, b, d, two = (own(before, key) for key in ("a", "b", "d", "two"))
    after = move(before, "a", parent="two", after="d")
    after = remove_element(after, "c")
    after = replace_element(after, "b", {"name": "B", "key": "b", "importance": 0.5}, new_id=minter(99))
    after, new = insert_touchpoint(after, "three", {"name": "n"}, new_id=minter(99))
    assert changes(before, after) == [
        Change("removed", "touchpoint", own(before, "c"), before="c"),
        Change("renamed", "touchpoint", b, "name", "b", "B"),
        Change("changed", "touchpoint", b, "importance", None, 0.5),
        Change(
            "moved",
            "touchpoint",
            a,
            before={"parent": own(before, "one"), "index": 0},
            after={"parent": two, "index": 1},
        ),
        Change("added", "touchpoint", new, after="n"),
    ]
    assert d in elements_of(after)


def test_neighbours_of_what_moved_have_not_moved() -> None:
    before = sample()
    first = changes(before, move(before, "a", after=None))
    last = changes(before, move(before, "a"))
    assert first == []
    assert [(c.verb, c.id) for c in last] == [("moved", own(before, "a"))]


def test_continuations_tell_renames_splits_and_merges() -> None:
    renamed, split, left, right = (UUID(int=n) for n in (101, 102, 103, 104))
    touchpoints = [
        {"name": "new name", "key": "r", "continues": [str(renamed)]},
        {"name": "first half", "key": "s1", "continues": [str(split)]},
        {"name": "second half", "key": "s2", "continues": [str(split)]},
        {"name": "both", "key": "m", "continues": [str(left), str(right)]},
    ]
    document = with_ids(parse({"name": "m", "stages": [{"name": "s", "touchpoints": touchpoints}]}), minter())
    names = {key: own(document, key) for key in ("r", "s1", "s2", "m")}
    assert continuations(document) == {
        renamed: (names["r"],),
        split: (names["s1"], names["s2"]),
        left: (names["m"],),
        right: (names["m"],),
    }
    lost = UUID(int=999)
    fate = succession([names["r"], split, lost], document)
    assert fate.kept == (names["r"],)
    assert fate.carried == {split: (names["s1"], names["s2"])}
    assert fate.orphaned == (lost,)


def test_what_still_stands_is_kept_though_continued() -> None:
    old = UUID(int=7)
    touchpoints = [{"name": "old", "id": str(old)}, {"name": "new", "continues": [str(old)]}]
    document = with_ids(parse({"name": "m", "stages": [{"name": "s", "touchpoints": touchpoints}]}), minter())
    assert succession([old], document).kept == (old,)


def test_without_ids_there_is_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="no id"):
        elements_of(parse({"name": "m", "stages": [{"name": "s"}]}))
