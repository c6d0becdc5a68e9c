"""Reading a stranger's body: never more than was asked for, neither as sent nor as unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from service.outbound.errors import ProtocolError, TooLarge

ACCEPT_ENCODING = "gzip"
_GZIP = 16 + zlib.MAX_WBITS


async def read_capped(
    chunks: AsyncIterator[bytes], *, encoding: str, declared: int | None, max_bytes: int
) -> bytes:
    """Return the body, unpacked if `encoding` (of Content-Encoding) is gzip.

    Raises TooLarge as soon as `declared` (of Content-Length), the bytes received or the bytes unpacked pass
    `max_bytes`, and ProtocolError for an encoding that was not asked for or that does not unpack.
    """
    if declared is not None and declared > max_bytes:
        raise TooLarge(f"The answer announces {declared} bytes; the limit is {max_bytes}.")
    unpacker = _unpacker(encoding)
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        body += unpacker.feed(chunk, max_bytes - len(body) + 1)
        if received > max_bytes or len(body) > max_bytes:
            raise TooLarge(f"The answer is longer than {max_bytes} bytes.")
    if received:
        unpacker.finish()
    return bytes(body)


class _Plain:
    def feed(self, data: bytes, room: int) -> bytes:
        return data

    def finish(self) -> None:
        pass


class _Gunzip:
    """One gzip member, in pieces of at most `room` bytes: what a bomb holds beyond that is never unpacked."""

    def __init__(self) -> None:
        self.stream = zlib.decompressobj(_GZIP)

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            unpacked = self.stream.decompress(data, room)
        except zlib.error:
            raise ProtocolError("The gzip body does not unpack.") from None
        if self.stream.unused_data:
            raise ProtocolError("Something follows the gzip body.")
        return unpacked

    def finish(self) -> None:
        if not self.stream.eof:
            raise ProtocolError("The gzip body ends early.")


def _unpacker(encoding: str) -> _Plain | _Gunzip:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gunzip()
        case _:
            raise ProtocolError("The body has a Content-Encoding that was not asked for.")
