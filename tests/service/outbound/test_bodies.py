"""Reading bodies: caps that hold as sent and as unpacked, and gzip that lies."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outbound import ProtocolError, TooLarge
from service.outbound.bodies import read_capped


async def _chunks(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def _read(*pieces: bytes, encoding: str = "", declared: int | None = None, max_bytes: int = 1_000) -> bytes:
    return asyncio.run(
        read_capped(_chunks(pieces), encoding=encoding, declared=declared, max_bytes=max_bytes)
    )


@given(st.binary(max_size=2_000), st.integers(1, 50), st.sampled_from(["", "identity", "gzip", " X-GZIP "]))
def test_a_body_arrives_whole_or_is_too_large(body: bytes, size: int, encoding: str) -> None:
    sent = gzip.compress(body) if "gzip" in encoding.lower() else body
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    if len(body) <= 1_000:
        assert _read(*pieces, encoding=encoding, max_bytes=max(1_000, len(sent))) == body
    else:
        with pytest.raises(TooLarge):
            _read(*pieces, encoding=encoding)


def test_the_cap_is_exact() -> None:
    assert _read(b"x" * 600, b"x" * 400) == b"x" * 1_000
    with pytest.raises(TooLarge):
        _read(b"x" * 600, b"x" * 401)
    assert len(_read(gzip.compress(b"x" * 1_000), encoding="gzip")) == 1_000
    with pytest.raises(TooLarge):
        _read(gzip.compress(b"x" * 1_001), encoding="gzip")
    with pytest.raises(TooLarge, match="announces 1001 bytes; the limit is 1000"):
        _read(declared=1_001)


def test_a_bomb_is_not_unpacked_beyond_the_cap() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024), 9)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            _read(bomb, encoding="gzip", max_bytes=1024 * 1024)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


packed = partial(gzip.compress, mtime=0)  # the same bytes, and so the same test id, each time


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (b"plain", "gzip", "does not unpack"),
        (packed(b"x" * 500)[:-1], "gzip", "ends early"),
        (packed(b"x" * 500)[:-9], "gzip", "ends early"),
        (packed(b"x")[:-8] + b"\0" * 8, "gzip", "does not unpack"),
        (packed(b"x") + b"rest", "gzip", "follows"),
        (packed(b"x") + packed(b"y"), "gzip", "follows"),
        (zlib.compress(b"x"), "gzip", "does not unpack"),
        (zlib.compress(b"x"), "deflate", "not asked for"),
        (b"x", "br", "not asked for"),
        (packed(packed(b"x")), "gzip, gzip", "not asked for"),
    ],
)
def test_encodings_that_lie(body: bytes, encoding: str, said: str) -> None:
    for pieces in ([body], [bytes([byte]) for byte in body]):
        with pytest.raises(ProtocolError, match=said):
            _read(*pieces, encoding=encoding)


def test_no_body_is_an_empty_body_whatever_the_header_says() -> None:
    assert _read() == b""
    assert _read(encoding="gzip") == b""
