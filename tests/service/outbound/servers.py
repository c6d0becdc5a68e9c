"""Peers with real sockets: HTTP servers that answer any bytes, and a name server."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import cast

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Served:
    """A running server and what it saw: heads of requests, and connections at most at once."""

    host: str
    port: int
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    open_most: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def says(*pieces: bytes, pause_s: float = 0.0) -> Handler:
    """Answer these bytes, one piece after the other, whatever was asked."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return handle


def answer(body: bytes = b"ok", status: str = "200 OK", **headers: str) -> bytes:
    """Return a well-formed answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def serving(
    handler: Handler, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve `handler` on real sockets: it gets the head of each request and writes what it likes."""
    seen = Served(host, port)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        seen.open_now += 1
        seen.open_most = max(seen.open_most, seen.open_now)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            head = await reader.readuntil(b"\r\n\r\n")
            seen.heads.append(head)
            await _until_either(handler(head, writer), reader.read())
            await writer.drain()
        seen.open_now -= 1
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        while seen.open_now:
            await asyncio.sleep(0.01)
        await server.wait_closed()


async def _until_either(handling: Awaitable[None], leaving: Awaitable[bytes]) -> None:
    """Let the handler work until it is done or the client has left (what it still sends is its body)."""
    both = [asyncio.ensure_future(handling), asyncio.ensure_future(leaving)]
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


class NameServer(asyncio.DatagramProtocol):
    """Answers A queries over UDP from a list of answers, in turn; the last one stays. TTL 0."""

    def __init__(self, answers: Sequence[Sequence[str]]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        end = data.index(b"\0", 12) + 5
        self.asked.append(_name(data[12:]))
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        head = data[:2] + struct.pack("!HHHHH", 0x8180 if addresses else 0x8183, 1, len(addresses), 0, 0)
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + IPv4Address(a).packed for a in addresses
        )
        self.transport.sendto(head + data[12:end] + records, address)


@asynccontextmanager
async def naming(
    *answers: Sequence[str],
) -> AsyncIterator[tuple[NameServer, Callable[[str], Awaitable[Sequence[str]]]]]:
    """Yield a name server on loopback and a lookup that asks it, as a system resolver would."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(answers), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]

    async def lookup(host: str) -> Sequence[str]:
        reply: asyncio.Future[bytes] = loop.create_future()
        asking, _ = await loop.create_datagram_endpoint(
            lambda: _Asking(reply), remote_addr=("127.0.0.1", port)
        )
        try:
            labels = b"".join(bytes([len(label)]) + label.encode() for label in host.rstrip(".").split("."))
            question = labels + b"\0" + struct.pack("!HH", 1, 1)
            asking.sendto(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question)
            data = await asyncio.wait_for(reply, 5)
        finally:
            asking.close()
        count = struct.unpack("!H", data[6:8])[0]
        records = data[12 + len(question) :]
        return [str(IPv4Address(records[at * 16 + 12 : at * 16 + 16])) for at in range(count)]

    try:
        yield server, lookup
    finally:
        transport.close()
        await asyncio.sleep(0)


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, reply: asyncio.Future[bytes]) -> None:
        self.reply = reply

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.reply.set_result(data)


def _name(question: bytes) -> str:
    labels, at = [], 0
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels)
