"""A grid written and read again is the same map, but for what the losses name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings

from journeys.document.minting import with_ids
from journeys.document.shape import Document
from journeys.document.validate import parse
from journeys.formats.base import Reader, ReadMap, Writer
from journeys.formats.grid.read import read_grid_csv, read_grid_xlsx
from journeys.formats.grid.write import write_grid_csv, write_grid_xlsx
from tests.journeys.document.strategies import documents, minter, raw_documents

from .grids import plain_texts, sorted_feelings, tidy, without, without_ids

FORMATS = [
    pytest.param(write_grid_csv, read_grid_csv, id="csv"),
    pytest.param(write_grid_xlsx, read_grid_xlsx, id="xlsx"),
]
SAID_OTHERWISE = {"white_space", "label", "channel", "feeling", "same_name"}


def one(maps: tuple[ReadMap, ...]) -> ReadMap:
    (found,) = maps
    assert [notice for notice in found.notices if notice.weight == "invalid"] == []
    assert found.raw is not None
    return found


def settled(raw: Any) -> Document:
    return with_ids(parse(raw), minter(1 << 32))


@pytest.mark.parametrize(("write", "read"), FORMATS)
@settings(max_examples=60, deadline=None)
@given(raw=raw_documents())
def test_what_a_grid_can_say_comes_back(write: Writer, read: Reader, raw: Any) -> None:
    document = settled(plain_texts(raw))
    written = write(document)
    losses = [loss for loss in written.losses if loss.weight == "lossy"]
    assume(not SAID_OTHERWISE & {loss.code for loss in losses})
    found = one(read(written.content, {}))
    expected = without(without_ids(document), losses)
    expected["personas"] = [{"name": p["name"]} for p in expected.get("personas", []) if "name" in p]
    back = without_ids(settled(found.raw))
    back["personas"] = [{"name": persona["name"]} for persona in back.get("personas", [])]
    for side in (expected, back):
        side["personas"].sort(key=str)
        side.pop("format")
    assert tidy(sorted_feelings(back)) == tidy(sorted_feelings(expected))


@pytest.mark.parametrize(("write", "read"), FORMATS)
@settings(max_examples=60, deadline=None)
@given(document=documents())
def test_any_document_is_written_and_read_as_a_valid_one(
    write: Writer, read: Reader, document: Document
) -> None:
    found = one(read(write(document).content, {}))
    again = settled(found.raw)
    assert len(again.stages) == len(document.stages) or "same_name" in codes(write, document)
    assert found.items >= len(document.stages)


def codes(write: Writer, document: Document) -> set[str]:
    return {loss.code for loss in write(document).losses}


@pytest.mark.parametrize("write", [write_grid_csv, write_grid_xlsx])
@settings(max_examples=10, deadline=None)
@given(document=documents())
def test_equal_documents_have_equal_bytes(write: Callable[[Document], Any], document: Document) -> None:
    assert write(document).content == write(document).content
