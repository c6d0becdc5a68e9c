"""Calls against real servers, from well-behaved to hostile. Every failure has its name, none hangs."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.outbound import (
    BlockedAddress,
    ConnectFailed,
    InvalidHeader,
    InvalidUrl,
    NameNotFound,
    OutboundError,
    OutboundSession,
    Policy,
    ProtocolError,
    Reply,
    TimedOut,
    TlsFailed,
    TooLarge,
)
from tests.service.outbound.servers import Handler, Served, answer, says, serving

DEMO = Policy(allow_loopback=True)
MIB = 1024 * 1024


def _against(
    handler: Handler, call: Callable[[OutboundSession, Served], Awaitable[Any]], **options: Any
) -> tuple[Any, Served]:
    """Run `call` in a session against a server with `handler`; return its result and what the server saw."""

    async def run() -> tuple[Any, Served]:
        async with serving(handler) as served, OutboundSession(DEMO, **options) as http:
            return await call(http, served), served

    return asyncio.run(run())


def _fetch(handler: Handler, path: str = "/", **arguments: Any) -> Reply:
    reply, _ = _against(handler, lambda http, served: http.fetch("GET", served.url + path, **arguments))
    assert isinstance(reply, Reply)
    return reply


def test_a_call_carries_what_it_was_given_and_brings_back_the_answer() -> None:
    async def echo(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(head, status="201 Created", X_Thing="a", Content_Type="text/plain"))

    async def call(http: OutboundSession, served: Served) -> Reply:
        url = served.url + "/a%2Fb?q=%20x&token=s#top"
        return await http.fetch("POST", url, headers={"Authorization": "Bearer k"}, body=b"hello")

    reply, served = _against(echo, call)
    assert reply.status == 201
    assert (reply.headers["x-thing"], reply.headers.get("X-Missing")) == ("a", None)
    assert 0 < reply.elapsed_s < 5
    lines = reply.body.decode().split("\r\n")
    assert lines[0] == "POST /a%2Fb?q=%20x&token=s HTTP/1.1"
    sent = dict(line.split(": ", 1) for line in lines[1:] if line)
    assert sent["Host"] == f"127.0.0.1:{served.port}"
    assert sent["Authorization"] == "Bearer k"
    assert sent["Accept-Encoding"] == "gzip"
    assert sent["User-Agent"] == "living-maps"
    assert sent["Connection"] == "close"
    assert sent["Content-Length"] == "5"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    async def run() -> None:
        async with serving(says(answer(b"secret"))) as inner:
            moved = answer(b"", status=f"{status} Moved", Location=inner.url + "/")
            async with serving(says(moved)) as outer, OutboundSession(DEMO) as http:
                reply = await http.fetch("GET", outer.url)
        assert (reply.status, reply.headers["Location"]) == (status, inner.url + "/")
        assert inner.connections == 0

    asyncio.run(run())


def test_errors_of_the_peer_are_answers() -> None:
    reply = _fetch(says(answer(b"busy", status="503 Away", Retry_After="120")))
    assert (reply.status, reply.headers["retry-after"], reply.body) == (503, "120", b"busy")


def test_head_and_204_have_no_body_however_large_they_say_it_is() -> None:
    async def call(http: OutboundSession, served: Served) -> Reply:
        return await http.fetch("HEAD", served.url, max_bytes=10)

    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\nContent-Encoding: gzip\r\n\r\n"
    assert _against(says(head), call)[0].body == b""
    assert _fetch(says(b"HTTP/1.1 204 No Content\r\n\r\n"), max_bytes=10).body == b""


def test_chunked_and_unframed_bodies_are_read() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert _fetch(says(chunked)).body == b"abcde"
    assert _fetch(says(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")).body == b"until the end"


def test_gzip_is_unpacked_and_bombs_are_cut() -> None:
    text = b"living " * 1_000
    assert _fetch(says(answer(gzip.compress(text), Content_Encoding="gzip"))).body == text
    bomb = answer(gzip.compress(bytes(32 * MIB), 9), Content_Encoding="gzip")
    with pytest.raises(TooLarge, match="longer than 1048576 bytes") as caught:
        _fetch(says(bomb), max_bytes=MIB)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
    ],
)
def test_a_huge_body_is_left_after_the_cap(endless: bytes) -> None:
    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(endless)
        while True:
            writer.write(bytes(64 * 1024))
            await writer.drain()

    started = time.monotonic()
    with pytest.raises(TooLarge):
        _fetch(handle, max_bytes=MIB)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_slow_drip_ends_at_the_deadline(start: bytes) -> None:
    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"H"[: len(start)])
            await writer.drain()
            await asyncio.sleep(0.05)

    started = time.monotonic()
    with pytest.raises(TimedOut, match=r"within 0\.4 s") as caught:
        _fetch(handle, deadline_s=0.4)
    assert 0.4 <= time.monotonic() - started < 15
    assert not caught.value.permanent


def test_interim_answers_without_end_are_bounded_by_the_deadline() -> None:
    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(TimedOut):
        _fetch(handle, deadline_s=0.3)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=lambda value: repr(value)[:50],
)
def test_broken_framing_is_a_protocol_error(broken: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        _fetch(says(broken), path="/?token=hidden", deadline_s=5)
    assert not caught.value.permanent
    assert "hidden" not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_connection_reset_in_the_middle_is_a_protocol_error() -> None:
    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
        await writer.drain()
        writer.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        writer.transport.abort()

    with pytest.raises(ProtocolError):
        _fetch(handle)


def test_nobody_listens() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]

        async def run() -> None:
            async with OutboundSession(DEMO) as http:
                await http.fetch("GET", f"http://127.0.0.1:{port}/?token=hidden")

        with pytest.raises(
            ConnectFailed, match=f"127.0.0.1:{port} cannot be connected to: Connection refused"
        ):
            asyncio.run(run())


def test_names_without_an_address_and_names_that_cannot_be_looked_up() -> None:
    async def run() -> None:
        async with OutboundSession(DEMO) as http:
            for host in ("no-such-host.invalid", "x" * 60 + ".invalid"):
                with pytest.raises(NameNotFound, match=host) as caught:
                    await http.fetch("GET", f"https://{host}/")
                assert not caught.value.permanent

    asyncio.run(run())


def test_the_system_resolver_finds_localhost_and_only_a_demo_may_call_it() -> None:
    async def run() -> None:
        async with serving(says(answer())) as served:
            local = f"http://localhost:{served.port}/"
            async with OutboundSession(DEMO) as http:
                assert (await http.fetch("GET", local)).body == b"ok"
            assert b"Host: localhost:" in served.heads[0]
            opened = Policy(allow_http=True, ports=frozenset({served.port}))
            async with OutboundSession(opened) as http:
                for url in (local, served.url, served.url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
                    with pytest.raises(BlockedAddress):
                        await http.fetch("GET", url)
                with pytest.raises(InvalidUrl):
                    await http.fetch("GET", served.url.replace("127.0.0.1", "127.1"))
            assert served.connections == 1

    asyncio.run(run())


def test_what_cannot_be_sent_is_refused_before_a_socket_is_opened() -> None:
    async def call(http: OutboundSession, served: Served) -> None:
        with pytest.raises(InvalidHeader):
            await http.fetch("GET", served.url, headers={"Host": "internal"})
        with pytest.raises(InvalidUrl):
            await http.fetch("GET", served.url.replace("//", "//me:pw@"))
        with pytest.raises(ValueError, match="not a method"):
            await http.fetch("GET / HTTP/1.1\r\nX:", served.url)

    assert _against(says(answer()), call)[1].connections == 0


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with serving(says(answer(b"proxy"))) as proxy, serving(says(answer(b"direct"))) as served:
            for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            async with OutboundSession(DEMO) as http:
                assert (await http.fetch("GET", served.url)).body == b"direct"
        assert proxy.connections == 0

    asyncio.run(run())


def test_calls_share_no_cookie_and_no_connection() -> None:
    async def call(http: OutboundSession, served: Served) -> None:
        for _ in range(3):
            await http.fetch("GET", served.url)

    _, served = _against(says(answer(Set_Cookie="tenant=a; Path=/", Connection="keep-alive")), call)
    assert served.connections == 3
    assert not any(b"cookie" in head.lower() for head in served.heads)


def test_turns_are_taken_by_all_and_by_each_host_and_waiting_does_not_use_up_the_deadline() -> None:
    async def slowly(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer())

    async def call(http: OutboundSession, served: Served) -> list[Reply]:
        return await asyncio.gather(*(http.fetch("GET", served.url, deadline_s=2.5) for _ in range(27)))

    started = time.monotonic()
    replies, served = _against(slowly, call, limit=100, limit_per_host=3)
    assert time.monotonic() - started > 2.5
    assert len(replies) == 27
    assert served.open_most == 3
    _, served = _against(slowly, call, limit=9, limit_per_host=100)
    assert served.open_most == 9


def test_one_call_that_hangs_does_not_hold_up_the_others_and_cancelling_frees_its_turn() -> None:
    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"/hang" in head:
            await asyncio.sleep(60)
        writer.write(answer())

    async def call(http: OutboundSession, served: Served) -> None:
        hanging = asyncio.create_task(http.fetch("GET", served.url + "/hang", deadline_s=30))
        while not served.heads:
            await asyncio.sleep(0.01)
        waiting = asyncio.create_task(http.fetch("GET", served.url, deadline_s=1))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        hanging.cancel()
        assert (await waiting).body == b"ok"
        with pytest.raises(asyncio.CancelledError):
            await hanging

    _against(handle, call, limit=1)


def _certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a certificate for `name`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = directory / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
    return server, client


async def _loopback(host: str) -> list[str]:
    return ["127.0.0.1"]


def test_the_name_is_kept_in_tls_and_host_while_the_address_is_pinned(tmp_path: Path) -> None:
    server, client = _certificate(tmp_path, "api.example.org")
    named: list[str | None] = []
    server.sni_callback = lambda connection, name, context: named.append(name)

    async def run() -> None:
        async with serving(says(answer()), tls=server) as served:
            url = f"https://api.example.org:{served.port}/"
            async with OutboundSession(DEMO, lookup=_loopback, tls=client) as http:
                assert (await http.fetch("GET", url)).body == b"ok"
                assert named == ["api.example.org"]
                assert f"Host: api.example.org:{served.port}".encode() in served.heads[0]
                with pytest.raises(TlsFailed, match=r"certificate of other\.example\.org") as caught:
                    await http.fetch("GET", url.replace("api", "other"))
                assert not caught.value.permanent
            async with OutboundSession(DEMO, lookup=_loopback) as http:
                with pytest.raises(TlsFailed, match="certificate"):  # nobody that the system trusts signed it
                    await http.fetch("GET", url)

    asyncio.run(run())


def test_a_server_that_speaks_no_tls() -> None:
    async def call(http: OutboundSession, served: Served) -> None:
        with pytest.raises(TlsFailed, match="do not agree on TLS"):
            await http.fetch("GET", served.url.replace("http:", "https:"), deadline_s=5)

    async def run() -> None:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(answer())
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        async with server, OutboundSession(DEMO) as http:
            await call(http, Served("127.0.0.1", server.sockets[0].getsockname()[1]))

    asyncio.run(run())


def test_every_named_failure_tells_whether_to_try_again() -> None:
    def leaves(kind: type[OutboundError]) -> list[type[OutboundError]]:
        below = kind.__subclasses__()
        return [leaf for child in below for leaf in leaves(child)] if below else [kind]

    found = {leaf.code: leaf.permanent for leaf in leaves(OutboundError)}
    assert found == {
        "invalid_url": True,
        "held_back": False,
        "no_turn": False,
        "invalid_header": True,
        "blocked_address": True,
        "name_not_found": False,
        "connect_failed": False,
        "tls_failed": False,
        "timed_out": False,
        "too_large": True,
        "protocol_error": False,
    }
    assert replace(DEMO, allow_loopback=False) == Policy()
