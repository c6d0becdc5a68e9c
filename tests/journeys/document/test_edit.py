from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeys.document.canonical import canonical, to_plain
from journeys.document.diff import Place, parts_of
from journeys.document.edit import (
    LAST,
    After,
    ElementNotFound,
    InvalidPlace,
    get_element,
    insert_stage,
    insert_touchpoint,
    locate,
    move,
    remove_element,
    replace_element,
)
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import InvalidDocument, parse

from .strategies import Json, documents, minter


def places(document: Document) -> dict[UUID, Place]:
    """Return where each stage and touchpoint stands, in the order drawn."""
    parts = parts_of(to_plain(document)).values()
    return {UUID(p.id): p.place for p in parts if p.place and p.kind in ("stage", "touchpoint")}


def sample() -> Document:
    raw: Json = {
        "name": "m",
        "stages": [
            {"name": "One", "key": "one", "touchpoints": [{"name": n, "key": n} for n in "abc"]},
            {"name": "Two", "key": "two", "touchpoints": [{"name": "d", "key": "d"}]},
            {"name": "Three", "key": "three"},
        ],
        "transitions": [{"from": "a", "to": "d"}, {"from": "b", "to": "c"}],
    }
    return with_ids(parse(raw), minter())


def outline(document: Document) -> str:
    return " ".join(f"{s.name}[{''.join(t.name for t in s.touchpoints)}]" for s in document.stages)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (LAST, "One[abc] Two[d] Three[] X[]"),
        (None, "X[] One[abc] Two[d] Three[]"),
        ("one", "One[abc] X[] Two[d] Three[]"),
    ],
)
def test_a_stage_is_put_where_it_was_asked_for(after: After, expected: str) -> None:
    document, own = insert_stage(sample(), {"name": "X"}, new_id=minter(99), after=after)
    assert outline(document) == expected
    assert get_element(document, own).name == "X"


@pytest.mark.parametrize(
    ("stage", "after", "expected"),
    [
        ("one", LAST, "One[abcX] Two[d] Three[]"),
        ("one", None, "One[Xabc] Two[d] Three[]"),
        ("one", "b", "One[abXc] Two[d] Three[]"),
        ("three", LAST, "One[abc] Two[d] Three[X]"),
        ("three", None, "One[abc] Two[d] Three[X]"),
    ],
)
def test_a_touchpoint_is_put_where_it_was_asked_for(stage: str, after: After, expected: str) -> None:
    document, own = insert_touchpoint(sample(), stage, {"name": "X"}, new_id=minter(99), after=after)
    assert outline(document) == expected
    assert get_element(document, str(own).upper()).name == "X"


@pytest.mark.parametrize(
    ("element", "parent", "after", "expected"),
    [
        ("a", None, LAST, "One[bca] Two[d] Three[]"),
        ("a", None, "b", "One[bac] Two[d] Three[]"),
        ("c", None, None, "One[cab] Two[d] Three[]"),
        ("a", "two", LAST, "One[bc] Two[da] Three[]"),
        ("a", "two", None, "One[bc] Two[ad] Three[]"),
        ("a", "three", LAST, "One[bc] Two[d] Three[a]"),
        ("d", "one", "a", "One[adbc] Two[] Three[]"),
        ("one", None, LAST, "Two[d] Three[] One[abc]"),
        ("three", None, "one", "One[abc] Three[] Two[d]"),
        ("two", None, None, "Two[d] One[abc] Three[]"),
    ],
)
def test_moving(element: str, parent: str | None, after: After, expected: str) -> None:
    assert outline(move(sample(), element, parent=parent, after=after)) == expected


@pytest.mark.parametrize(
    ("element", "parent", "after", "pointer"),
    [
        ("a", "nowhere", LAST, "/parent"),
        ("a", "d", LAST, "/parent"),
        ("one", "two", LAST, "/parent"),
        ("a", None, "a", "/after"),
        ("a", None, "d", "/after"),
        ("one", None, "a", "/after"),
    ],
)
def test_places_that_are_not_there(element: str, parent: str | None, after: After, pointer: str) -> None:
    with pytest.raises(InvalidPlace) as refusal:
        move(sample(), element, parent=parent, after=after)
    assert [issue.pointer for issue in refusal.value.issues] == [pointer]


def test_removing_takes_the_ways_along() -> None:
    document = remove_element(sample(), "d")
    assert outline(document) == "One[abc] Two[] Three[]"
    assert [(w.source, w.target) for w in document.transitions] == [
        tuple(str(get_element(document, key).id) for key in "bc")
    ]
    assert outline(remove_element(sample(), "one")) == "Two[d] Three[]"
    assert remove_element(sample(), "one").transitions == ()


def test_replacing_keeps_id_and_place() -> None:
    before = sample()
    own = get_element(before, "b").id
    after = replace_element(before, "b", {"name": "B", "pains": [{"text": "slow"}]}, new_id=minter(99))
    assert outline(after) == "One[aBc] Two[d] Three[]"
    assert get_element(after, str(own)).id == own
    found = after.stages[0].touchpoints[1].pains[0]
    assert found.id is not None


def test_replacing_a_stage_replaces_its_touchpoints() -> None:
    before = remove_element(sample(), "d")
    after = replace_element(before, "two", {"name": "II", "touchpoints": [{"name": "x"}]}, new_id=minter(99))
    assert outline(after) == "One[abc] II[x] Three[]"


def test_a_stage_does_not_lose_what_a_transition_names() -> None:
    with pytest.raises(InvalidDocument) as refusal:
        replace_element(sample(), "two", {"name": "II"}, new_id=minter(99))
    assert [(i.pointer, i.code) for i in refusal.value.issues] == [("", "unknown_reference")]
    assert "/transitions/0/to" in refusal.value.issues[0].detail


def test_refusals_point_into_what_was_sent() -> None:
    raw: Json = {"name": "", "key": "a", "colour": "red"}
    with pytest.raises(InvalidDocument) as refusal:
        insert_touchpoint(sample(), "two", raw, new_id=minter(99))
    assert {(i.pointer, i.code) for i in refusal.value.issues} == {
        ("/name", "too_short"),
        ("/key", "duplicate_key"),
        ("/colour", "unknown_field"),
    }


@pytest.mark.parametrize(("own", "code"), [("x", "invalid_id"), (5, "invalid_id"), (str(UUID(int=1)), None)])
def test_the_sent_id_is_taken_or_refused(own: object, code: str | None) -> None:
    if code is None:
        taken = str(UUID(int=77))
        document, name = insert_stage(sample(), {"name": "X", "id": taken}, new_id=minter(99))
        assert str(name) == taken == str(document.stages[-1].id)
    else:
        with pytest.raises(InvalidDocument) as refusal:
            insert_stage(sample(), {"name": "X", "id": own}, new_id=minter(99))
        assert [(i.pointer, i.code) for i in refusal.value.issues] == [("/id", code)]


def test_an_element_does_not_change_its_id() -> None:
    with pytest.raises(InvalidDocument) as refusal:
        replace_element(sample(), "a", {"name": "A", "id": str(UUID(int=99))}, new_id=minter(99))
    assert [(i.pointer, i.code) for i in refusal.value.issues] == [("/id", "id_mismatch")]


@pytest.mark.parametrize("ref", ["nobody", UUID(int=0), ""])
def test_who_is_not_there_is_not_found(ref: UUID | str) -> None:
    for edit in (get_element, locate, remove_element, move):
        with pytest.raises(ElementNotFound):
            edit(sample(), ref)
    with pytest.raises(ElementNotFound):
        replace_element(sample(), ref, {"name": "x"}, new_id=minter())


@given(documents(), st.data())
def test_any_move_keeps_everything_but_the_order(document: Document, data: st.DataObject) -> None:
    before = places(document)
    assume(before)
    one = data.draw(st.sampled_from(sorted(before)))
    stages = [own for own, place in before.items() if place.parent is None]
    touches = before[one].parent is not None
    parent = data.draw(st.sampled_from([None, *stages])) if touches else None
    home = (str(parent) if parent else before[one].parent) if touches else None
    siblings = [own for own, place in before.items() if place.parent == home and own != one]
    after = data.draw(st.sampled_from([LAST, None, *siblings]))
    moved = move(document, one, parent=parent, after=after)
    there = places(moved)
    assert there.keys() == before.keys()
    now = there[one]
    assert now.parent == home
    if after is None:
        assert now.index == 0
    elif isinstance(after, UUID):
        assert now.index == siblings.index(after) + 1
    else:
        assert now.index == len(siblings)
    order = [own for own, place in there.items() if place.parent == home and own != one]
    assert order == siblings
    assert {e.id: to_plain(e) for e in moved.touchpoints()} == {
        e.id: to_plain(e) for e in document.touchpoints()
    }


@given(documents(), st.data())
def test_a_touchpoint_put_in_and_taken_out_leaves_no_trace(document: Document, data: st.DataObject) -> None:
    assume(document.stages)
    stage = data.draw(st.sampled_from([s.id for s in document.stages]))
    assert stage is not None
    grown, own = insert_touchpoint(document, stage, {"name": "x"}, new_id=minter(1 << 40))
    assert canonical(remove_element(grown, own)) == canonical(document)


@given(documents(), st.data())
def test_replacing_by_itself_changes_nothing(document: Document, data: st.DataObject) -> None:
    elements = list(document.elements())
    assume(elements)
    one = data.draw(st.sampled_from(elements))
    assert one.id is not None
    assert replace_element(document, one.id, to_plain(one), new_id=minter(1 << 40)) == document
