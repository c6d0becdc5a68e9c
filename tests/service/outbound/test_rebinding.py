"""DNS rebinding with a real name server and real sockets: 127.0.0.2 plays the public address.

The policy's list is opened for that one address, so that a connection to "the outside" can be made and seen
without leaving the machine; 127.0.0.1 plays the inside and must never see a connection.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network

import pytest

from service.outbound import BlockedAddress, ConnectFailed, NameNotFound, OutboundSession, Policy, TimedOut
from service.outbound import pinning as pinning_module
from service.outbound.addresses import DENIED
from tests.service.outbound.servers import NameServer, Served, answer, naming, says, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8 on its loopback")

OUTSIDE, CLOSED, INSIDE = "127.0.0.2", "127.0.0.3", "127.0.0.1"
_LOOPBACK = IPv4Network("127.0.0.0/8")
# All of loopback but 127.0.0.2/31, which holds OUTSIDE and CLOSED.
_OPENED = tuple((part, "loopback") for part in _LOOPBACK.address_exclude(IPv4Network(f"{OUTSIDE}/31")))


@dataclass
class Scene:
    """Two servers on one port, outside and inside, a name server, and a session that asks it."""

    outside: Served
    inside: Served
    names: NameServer
    http: OutboundSession

    @property
    def url(self) -> str:
        return f"http://rebind.example:{self.inside.port}/"


@asynccontextmanager
async def scene(*answers: Sequence[str]) -> AsyncIterator[Scene]:
    async with (
        serving(says(answer(b"inside")), host=INSIDE) as inside,
        serving(says(answer(b"outside")), host=OUTSIDE, port=inside.port) as outside,
        naming(*answers) as (names, lookup),
    ):
        denied = tuple(entry for entry in DENIED if entry[0] != _LOOPBACK) + _OPENED
        policy = Policy(ports=frozenset({inside.port}), allow_http=True, denied=denied)
        async with OutboundSession(policy, lookup=lookup) as http:
            yield Scene(outside, inside, names, http)


def test_public_first_then_loopback_never_reaches_the_inside() -> None:
    async def run() -> None:
        async with scene([OUTSIDE], [INSIDE]) as it:
            assert (await it.http.fetch("GET", it.url)).body == b"outside"
            for _ in range(3):
                with pytest.raises(BlockedAddress, match="not public"):
                    await it.http.fetch("GET", it.url)
        assert (it.outside.connections, it.inside.connections) == (1, 0)
        assert it.names.asked == ["rebind.example"] * 4

    asyncio.run(run())


def test_a_name_is_asked_for_once_a_call_so_a_second_answer_has_no_effect() -> None:
    async def run() -> None:
        # Each lookup flips: whoever checked one answer and connected by another would get inside.
        async with scene(*[[OUTSIDE], [INSIDE]] * 10) as it:
            for _ in range(10):
                assert (await it.http.fetch("GET", it.url)).body == b"outside"
                with pytest.raises(BlockedAddress):
                    await it.http.fetch("GET", it.url)
        assert len(it.names.asked) == 20
        assert (it.outside.connections, it.inside.connections) == (10, 0)

    asyncio.run(run())


@pytest.mark.parametrize("addresses", [[OUTSIDE, INSIDE], [INSIDE, OUTSIDE], ["10.0.0.1", OUTSIDE]])
def test_one_address_that_is_not_public_condemns_the_name(addresses: list[str]) -> None:
    async def run() -> None:
        async with scene(addresses) as it:
            with pytest.raises(BlockedAddress):
                await it.http.fetch("GET", it.url)
        assert (it.outside.connections, it.inside.connections) == (0, 0)

    asyncio.run(run())


def test_the_next_checked_address_is_tried_when_one_does_not_answer() -> None:
    async def run() -> None:
        async with scene([CLOSED, OUTSIDE], [CLOSED]) as it:
            assert (await it.http.fetch("GET", it.url)).body == b"outside"
            with pytest.raises(ConnectFailed):
                await it.http.fetch("GET", it.url)
        assert (it.outside.connections, it.inside.connections) == (1, 0)

    asyncio.run(run())


def test_no_answer_is_no_name_and_a_silent_name_server_ends_at_the_deadline() -> None:
    async def silent(host: str) -> Sequence[str]:
        await asyncio.sleep(60)
        return [OUTSIDE]

    async def run() -> None:
        async with scene([]) as it:
            with pytest.raises(NameNotFound):
                await it.http.fetch("GET", it.url)
        async with OutboundSession(Policy(), lookup=silent) as http:
            with pytest.raises(TimedOut):
                await http.fetch("GET", "https://silent.example/", deadline_s=0.2)

    asyncio.run(run())


def test_the_socket_is_refused_even_if_the_client_came_by_another_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last gate by itself: were aiohttp to resolve on its own again, no socket would be made for it."""
    resolve = pinning_module.PinnedResolver.resolve

    async def betray(self: pinning_module.PinnedResolver, *arguments: object, **named: object) -> object:
        (only,) = await resolve(self, *arguments, **named)  # type: ignore[arg-type]
        return [{**only, "host": INSIDE}]

    async def run() -> None:
        async with scene([OUTSIDE]) as it:
            monkeypatch.setattr(pinning_module.PinnedResolver, "resolve", betray)
            with pytest.raises(ConnectFailed):
                await it.http.fetch("GET", it.url)
        assert (it.outside.connections, it.inside.connections) == (0, 0)

    asyncio.run(run())


def test_calls_side_by_side_each_keep_to_their_own_addresses() -> None:
    async def run() -> None:
        async with scene([OUTSIDE]) as it:
            replies = await asyncio.gather(*(it.http.fetch("GET", it.url) for _ in range(20)))
            literal = f"http://{OUTSIDE}:{it.inside.port}/"
            assert (await it.http.fetch("GET", literal)).body == b"outside"
            with pytest.raises(BlockedAddress):
                await it.http.fetch("GET", it.inside.url)
        assert {reply.body for reply in replies} == {b"outside"}
        assert it.inside.connections == 0

    asyncio.run(run())
