"""Lines of a bundle are cut from whatever pieces come; what was written is read again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bundle.lines import FORMAT, VERSION, Header, InvalidBundle, Reader, Settings, written
from service.renderers import encode

HEADER = Header(
    format=FORMAT,
    version=VERSION,
    exported_at=datetime(2026, 1, 1, tzinfo=UTC),
    workspace=Settings("Ours", "UTC", datetime(2000, 1, 1, tzinfo=UTC)),
    sections=("a", "b"),
)


class Pieces:
    """A stream that gives what it likes, as sockets do."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self.data, self.sizes = data, sizes

    def read(self, size: int) -> bytes:
        size = min(size, self.sizes.pop() if self.sizes else size)
        found, self.data = self.data[:size], self.data[size:]
        return found


texts = st.lists(st.text('aü\n"\\ \u2028\U0001f600', max_size=40), max_size=5)


@settings(deadline=None)
@given(texts, texts, st.lists(st.integers(1, 300)))
def test_what_was_written_is_read_again(first: list[str], second: list[str], sizes: list[int]) -> None:
    rows = [("a", encode({"x": text})) for text in first] + [("b", encode([text])) for text in second]
    data = b"".join(written(HEADER, rows))
    reader = Reader(Pieces(data, sizes), ["a", "b"], size_max=len(data))
    assert reader.header == HEADER
    assert [(line.section, line.row) for line in reader.lines()] == rows
    assert reader.number == len(rows) + 2


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_wherever_it_is_cut_it_is_noticed(place: int) -> None:
    data = b"".join(written(HEADER, [("a", b'{"x":"\xc3\xbc"}'), ("b", b"[]")]))
    with pytest.raises(InvalidBundle) as caught:
        list(Reader(Pieces(data[: place % len(data)], []), ["a", "b"]).lines())
    assert [issue.code for issue in caught.value.issues] == ["cut_off"]
