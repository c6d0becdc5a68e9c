"""The calls themselves, on aiohttp: many at a time, each to addresses that were checked just before."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import aiohttp

from service.backoff import asked_wait_s
from service.outbound.addresses import Address
from service.outbound.bodies import ACCEPT_ENCODING, read_capped
from service.outbound.errors import (
    ConnectFailed,
    NameNotFound,
    OutboundError,
    ProtocolError,
    TimedOut,
    TlsFailed,
)
from service.outbound.pinning import PinnedResolver, pinned, pinned_socket
from service.outbound.policy import Policy, Target, check_headers
from service.outbound.turns import HostTurns

# The addresses of a name, asked once a call. Raises OSError when there are none.
Lookup = Callable[[str], Awaitable[Sequence[str]]]

PULL_BYTES = 10 * 1024 * 1024
CONNECT_S = 5.0
_ASKS_FOR_A_PAUSE = {429, 503}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
_MAX_ADDRESSES = 8
# A blocked name server holds a thread until its own timeout; the threads that others share stay free.
_LOOKUP_THREADS = 32


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status, redirects included. Header names in any case; the first value of several."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_s: float


class OutboundSession:
    """Calls under one policy, at most `limit` at a time and `limit_per_host` to one host.

    `turns`: those of each host that other processes share; a host that asked for a pause is PauseAsked then.
    `lookup` and `tls` replace the system's resolver and certificate authorities; the checks stay.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        limit: int = 100,
        limit_per_host: int = 8,
        turns: HostTurns | None = None,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._lookup = lookup or self._ask_system
        self._tls = tls
        self._shared = turns
        self._turns = asyncio.Semaphore(limit)
        self._turns_of = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(limit_per_host))

    async def __aenter__(self) -> Self:
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="outbound-lookup")
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=PinnedResolver(),
                socket_factory=pinned_socket,
                ssl=self._tls or True,
                use_dns_cache=False,
                # One call, one connection: on a shared one, an answer that a hostile server sends too early
                # would be read as the answer to the next customer's call.
                force_close=True,
                limit=0,  # turns are taken above, outside the deadline
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
            headers={"User-Agent": self._policy.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            max_line_size=8_190,
            max_field_size=8_190,
            max_headers=100,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = PULL_BYTES,
        deadline_s: float = 15.0,
    ) -> Reply:
        """Call `url` and return its whole answer of at most `max_bytes`, unpacked.

        `deadline_s` bounds everything from the name's lookup to the last byte, but not the wait for a turn.
        Raises a leaf of OutboundError.
        """
        if method not in _METHODS:
            raise ValueError(f"{method!r} is not a method that is sent")
        target = self._policy.target(url)
        check_headers(headers or {})
        async with self._turns_of[target.host], self._shared_turn(target.host), self._turns:
            started = time.monotonic()
            try:
                async with asyncio.timeout(deadline_s):
                    addresses = await self._addresses(target)
                    response = await self._exchange(target, addresses, method, headers, body, max_bytes)
            except TimeoutError:
                raise TimedOut(f"{target} did not answer in full within {deadline_s:g} s.") from None
            reply = Reply(*response, elapsed_s=time.monotonic() - started)
            self._note(target, reply)
            return reply

    @asynccontextmanager
    async def turn(self, target: Target) -> AsyncIterator[tuple[Address, ...]]:
        """Hold a turn for a call of another protocol; yield the checked addresses that alone may be called.

        Raises a leaf of OutboundError.
        """
        async with self._turns_of[target.host], self._shared_turn(target.host), self._turns:
            try:
                async with asyncio.timeout(CONNECT_S):
                    addresses = await self._addresses(target)
            except TimeoutError:
                raise TimedOut(f"The address of {target.host} was not told in time.") from None
            yield addresses

    def pause(self, target: Target, seconds: float) -> None:
        """The host of a call of another protocol asked not to be called for so long."""
        if self._shared is not None:
            self._shared.pause(target.host, seconds)

    def _shared_turn(self, host: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._shared is None else self._shared.turn(host)

    def _note(self, target: Target, reply: Reply) -> None:
        """Take note of a pause that the host asked for."""
        if reply.status not in _ASKS_FOR_A_PAUSE:
            return
        if (wait_s := asked_wait_s(reply.headers, datetime.now(UTC))) is not None:
            self.pause(target, wait_s)

    async def _addresses(self, target: Target) -> tuple[Address, ...]:
        """Return where the target may be reached, every address of it checked. Asked once a call."""
        if target.literal is not None:
            return (target.literal,)  # checked with the URL
        try:
            found = await self._lookup(target.host)
        except (OSError, UnicodeError):  # gaierror is an OSError; a label may be no IDNA
            found = ()
        if not found:
            raise NameNotFound(f"{target.host} has no address.")
        addresses = tuple(dict.fromkeys(ip_address(text) for text in found))
        self._policy.admit(target, addresses)
        return addresses[:_MAX_ADDRESSES]

    async def _exchange(
        self,
        target: Target,
        addresses: tuple[Address, ...],
        method: str,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        max_bytes: int,
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            with pinned(addresses):
                async with self._http.request(
                    method, target.url, headers=headers, data=body, allow_redirects=False
                ) as response:
                    try:
                        return response.status, response.headers, await _read(response, max_bytes)
                    finally:
                        response.close()  # whatever was not read is not waited for
        except aiohttp.ClientError as error:
            raise _named(error, target) from None

    async def _ask_system(self, host: str) -> Sequence[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        return [str(sockaddr[0]) for *_, sockaddr in found]


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    if response.status == 101:
        raise ProtocolError("The server changed the protocol without being asked.")
    if response.method == "HEAD":
        return b""
    return await read_capped(
        response.content.iter_any(),
        encoding=", ".join(response.headers.getall("Content-Encoding", [])),
        declared=response.content_length,
        max_bytes=max_bytes,
    )


def _named(error: aiohttp.ClientError, target: Target) -> OutboundError:
    """Return our name for what aiohttp found. Its own texts quote the URL and are left out."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return TlsFailed(f"The certificate of {target} is not accepted.")
        case aiohttp.ClientSSLError():
            return TlsFailed(f"{target} and we do not agree on TLS.")
        case aiohttp.ClientConnectorError(errno=int(number)):
            return ConnectFailed(f"{target} cannot be connected to: {os.strerror(number)}.")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return ConnectFailed(f"{target} cannot be connected to.")
        case aiohttp.ClientPayloadError():
            return ProtocolError(f"The body from {target} is cut short or wrongly framed.")
        case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError():
            return ProtocolError(f"{target} broke the connection before it had answered.")
        case _:
            return ProtocolError(f"The answer of {target} is not HTTP.")
