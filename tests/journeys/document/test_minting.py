from __future__ import annotations

from uuid import UUID

from hypothesis import given

from journeys.document.elements import Entry
from journeys.document.minting import persona_references, resolve, with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import Json, documents, minter, raw_documents


def _entries(document: Document) -> list[Entry]:
    return [e for t in document.touchpoints() for _, entries in t.lanes() for e in entries]


def _all_ids(document: Document) -> list[UUID | None]:
    elements = [element.id for element in document.elements()]
    return elements + [p.id for p in document.personas] + [entry.id for entry in _entries(document)]


@given(raw_documents())
def test_everything_gets_an_id_and_keeps_the_one_it_had(raw: Json) -> None:
    before = parse(raw)
    after = with_ids(before, minter(1 << 32))
    ids = _all_ids(after)
    assert None not in ids
    assert len(set(ids)) == len(ids)
    assert all(old in (None, new) for old, new in zip(_all_ids(before), ids, strict=True))


@given(documents())
def test_where_nothing_is_missing_nothing_is_made(document: Document) -> None:
    def none_needed() -> UUID:
        raise AssertionError("an id was minted")

    assert with_ids(document, none_needed) is document
    assert resolve(document) is document


@given(documents())
def test_references_are_ids_of_what_is_there(document: Document) -> None:
    touchpoints = {str(t.id) for t in document.touchpoints()}
    personas = {str(p.id) for p in document.personas}
    assert {end for way in document.transitions for end in (way.source, way.target)} <= touchpoints
    assert {getattr(entry, "persona", "") for entry in _entries(document)} <= personas | {""}


def test_a_reference_by_key_waits_for_the_id() -> None:
    touchpoints = [{"name": "a", "key": "a"}, {"name": "b", "key": "b"}]
    raw = {
        "name": "m",
        "stages": [{"name": "s", "touchpoints": touchpoints}],
        "transitions": [{"from": "a", "to": "b"}],
    }
    before = parse(raw)
    assert (before.transitions[0].source, before.transitions[0].target) == ("a", "b")
    after = with_ids(before, minter())
    assert [str(t.id) for t in after.touchpoints()] == [
        after.transitions[0].source,
        after.transitions[0].target,
    ]


def test_references_are_spelled_like_ids() -> None:
    own = "0190163D-8694-739B-AEA5-966C26F8AD91"
    stage = {"name": "s", "touchpoints": [{"name": "t", "id": own}]}
    raw = {"name": "m", "stages": [stage], "transitions": [{"from": own, "to": own.replace("-", "")}]}
    way = parse(raw).transitions[0]
    assert way.source == way.target == own.lower()


def test_references_are_told_from_whole_personas() -> None:
    own = UUID(int=5)
    document = parse({"name": "m", "personas": [{"id": str(own)}, {"name": "Bob"}]})
    assert persona_references(document) == (own,)
