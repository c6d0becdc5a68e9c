"""The table of formats: every row is whole, and a document comes back from those that say all."""

from __future__ import annotations

import pytest

from journeys.document.canonical import to_plain
from journeys.document.minting import with_ids
from journeys.document.validate import parse
from journeys.formats.registry import FORMATS, Format, format_of, readable, writable
from tests.journeys.document.strategies import minter
from tests.journeys.make import DOCUMENT


@pytest.mark.parametrize("each", FORMATS.values(), ids=list(FORMATS))
def test_each_format_can_be_named_and_used(each: Format) -> None:
    assert FORMATS[each.name] is each
    assert each.read or each.write
    assert each.media_type.count("/") == 1
    assert each.extension.isalnum()


def test_a_document_comes_back_from_formats_that_say_all() -> None:
    document = with_ids(parse(DOCUMENT), minter())
    for each in writable():
        if each.says_all and each.read and each.write:
            [found] = each.read(each.write(document).content, {})
            assert found.raw is not None
            assert to_plain(parse(found.raw)) == to_plain(document)


def test_an_option_that_a_format_lacks_is_told() -> None:
    for each in readable():
        assert each.read is not None
        found = each.read(b"", {"no-such-option": 1})
        assert any(n.place == "options" and n.weight == "invalid" for one in found for n in one.notices)


@pytest.mark.parametrize(
    ("media_type", "raw", "name"),
    [
        ("application/json", b"{}", "json"),
        ("text/vnd.mermaid", b"journey", "mermaid"),
        ("application/vnd.mermaid", b"", "mermaid"),
        ("application/x-nothing", b"", None),
    ],
)
def test_formats_are_found_by_media_type(media_type: str, raw: bytes, name: str | None) -> None:
    found = format_of(media_type, raw)
    assert (found and found.name) == name
