"""Holding a connection to the addresses that were checked.

Checking a name and then letting the HTTP client look it up again is how rebinding works: the second answer is
another one. So the client is given no resolver. It gets the addresses that were checked for the call it is
making, and the socket of each attempt is made here, where an address that is not one of them gets none.
Literal addresses, which aiohttp hands to no resolver, pass the same gate.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from service.outbound.addresses import Address

# Per task: calls that run side by side in one session each see their own.
_checked: ContextVar[tuple[Address, ...]] = ContextVar("checked", default=())


@contextmanager
def pinned(addresses: tuple[Address, ...]) -> Iterator[None]:
    """Within this block, connections of this task go to `addresses` and nowhere else."""
    token = _checked.set(addresses)
    try:
        yield
    finally:
        _checked.reset(token)


class PinnedResolver(AbstractResolver):
    """Resolves nothing: answers with the pinned addresses."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=_family(address),
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in _checked.get()
        ]

    async def close(self) -> None:
        pass


def pinned_socket(addr_info: tuple[Any, ...]) -> socket.socket:
    """Return the socket for one attempt to connect. Raises OSError for an address that is not pinned."""
    address = ip_address(addr_info[4][0])
    if address not in _checked.get():
        raise OSError(errno.EACCES, "not an address that was checked")
    return socket.socket(_family(address), socket.SOCK_STREAM)


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6
