from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from journeys.document.bodies import (
    Manifest,
    assemble,
    digest,
    element_digest,
    split,
    subtree_digests,
)
from journeys.document.canonical import canonical, to_plain
from journeys.document.edit import get_element, replace_element
from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse

from .strategies import documents, minter


@given(documents())
def test_apart_and_together_again(document: Document) -> None:
    manifest = split(document)
    assert assemble(manifest) == canonical(document)
    assert parse(assemble(manifest)) == document
    assert split(msgspec.json.decode(canonical(document))) == manifest


@given(documents())
def test_splitting_leaves_its_source_alone(document: Document) -> None:
    plain = to_plain(document)
    split(plain)
    assert plain == to_plain(document)


@given(documents(), documents())
def test_digests_are_equal_where_documents_are(one: Document, other: Document) -> None:
    assert (digest(one) == digest(other)) == (one == other)
    assert digest(one) == digest(parse(canonical(one)))


@given(documents())
def test_an_element_has_the_same_digest_alone_and_in_its_document(document: Document) -> None:
    expected = {e.id: element_digest(e) for e in document.elements()}
    assert subtree_digests(split(document)) == expected


def _sample() -> Document:
    stages = [
        {"name": "One", "touchpoints": [{"name": "a"}, {"name": "b"}]},
        {"name": "Two", "touchpoints": [{"name": "a"}]},
    ]
    raw = {"name": "m", "personas": [{"name": "Ann"}], "stages": stages}
    return with_ids(parse(raw), minter())


def test_a_body_is_content_without_id_place_and_children() -> None:
    manifest = split(_sample())
    contents = [placed.body.content for placed in manifest.elements]
    assert contents == [
        b'{"name":"One"}',
        b'{"name":"a"}',
        b'{"name":"b"}',
        b'{"name":"Two"}',
        b'{"name":"a"}',
    ]
    assert manifest.elements[1].body == manifest.elements[4].body
    assert [p.parent for p in manifest.elements] == [
        None,
        manifest.elements[0].id,
        manifest.elements[0].id,
        None,
        manifest.elements[3].id,
    ]
    assert manifest.root.content == b'{"format":1,"name":"m"}'
    assert [p.body.content for p in manifest.personas] == [b'{"name":"Ann"}']
    assert len(list(manifest.bodies())) == 7


def test_an_edit_touches_the_digests_above_it_and_no_other() -> None:
    before = _sample()
    target = before.stages[0].touchpoints[1]
    assert target.id is not None
    after = replace_element(before, target.id, {"name": "b", "owner": "Post room"}, new_id=minter(99))
    old, new = subtree_digests(split(before)), subtree_digests(split(after))
    assert {name for name in old if old[name] != new[name]} == {before.stages[0].id, target.id}
    assert digest(before) != digest(after)


@pytest.mark.parametrize("change", ["personas", "order", "ids", "root"])
def test_the_digest_covers_everything(change: str) -> None:
    document = _sample()
    changed = {
        "personas": document.model_copy(update={"personas": ()}),
        "order": document.model_copy(update={"stages": document.stages[::-1]}),
        "ids": with_ids(parse(_without_ids(document)), minter(500)),
        "root": document.model_copy(update={"name": "n"}),
    }[change]
    assert digest(changed) != digest(document)


def _without_ids(document: Document) -> bytes:
    def bare(value: object) -> object:
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if k != "id"}
        return [bare(v) for v in value] if isinstance(value, list) else value

    return msgspec.json.encode(bare(to_plain(document)))


@given(documents())
def test_bodies_of_equal_content_are_stored_once(document: Document) -> None:
    manifest = split(document)
    contents = {body.digest: body.content for body in manifest.bodies()}
    assert all(contents[body.digest] == body.content for body in manifest.bodies())


def test_what_has_no_id_cannot_be_split() -> None:
    with pytest.raises(KeyError, match="id"):
        split(parse({"name": "m", "stages": [{"name": "s"}]}))


def test_a_touchpoint_before_its_stage_is_refused() -> None:
    manifest = split(_sample())
    with pytest.raises(KeyError):
        assemble(Manifest(manifest.root, (), manifest.elements[1:]))


def test_get_element_and_digest_agree_on_keys() -> None:
    document = with_ids(parse({"name": "m", "stages": [{"name": "s", "key": "first"}]}), minter())
    assert element_digest(get_element(document, "first")) == element_digest(document.stages[0])
