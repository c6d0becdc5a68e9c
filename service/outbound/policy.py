"""What may be called: the URL, the port, the headers, the addresses. Pure but for `Policy.from_settings`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from yarl import URL

from service.outbound.addresses import (
    DENIED,
    Address,
    Network,
    denial,
    is_loopback,
    is_named,
    may_be_named,
    parse_address,
    parse_network,
)
from service.outbound.errors import BlockedAddress, InvalidHeader, InvalidUrl

MAX_URL_CHARS = 8_000
MAX_HEADER_CHARS = 16_000
LEAST_PORT = 1024  # of protocols other than HTTP
# Brackets hold an IPv6 address and nothing else: no zone, no future version.
_HOST = r"(?:\[[0-9a-f:.]+\]|[^/?#@%\\\[\]:]+)"
_URL = re.compile(rf"https?://{_HOST}(?::[0-9]*)?(?:[/?#].*)?", re.IGNORECASE)
_BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"(?=.{1,253}\.?\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*\.?")
# The last label of a name is never a number: `127.1`, `2130706433` and `0x7f.1` are addresses in disguise.
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
# What frames the message or names its receiver is the transport's to write.
_OURS = {
    *(
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "upgrade",
        "expect",
        "te",
    ),
    *("trailer", "keep-alive", "proxy-connection", "proxy-authorization", "cookie2"),
}


Reach = Literal["anywhere", "inside", "loopback"]
"""inside: networks that the operator named, and this machine where that is allowed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that was read and found callable, if its addresses are.

    reach: where its addresses may lie. What is not encrypted stays inside; other ports are for this machine.
    """

    url: URL
    host: str
    port: int
    literal: Address | None  # the host, where it is an address
    reach: Reach

    def __str__(self) -> str:
        return f"{self.url.host_subcomponent}:{self.port}"


@dataclass(frozen=True, slots=True)
class Policy:
    """What this deployment calls. The default is the strictest: https on two ports of public addresses."""

    ports: frozenset[int] = frozenset({443, 8443})
    allow_http: bool = False  # plain http too, on port 80
    allow_loopback: bool = False  # demo and tests: this machine as well, on any port, by http too
    networks: tuple[Network, ...] = ()  # the operator's own: these as well, on the usual ports, by http too
    denied: tuple[tuple[Network, str], ...] = DENIED
    user_agent: str = "living-maps"

    @classmethod
    def from_settings(cls) -> Policy:
        return cls(
            ports=frozenset(settings.OUTBOUND_PORTS),
            allow_http=settings.OUTBOUND_ALLOW_HTTP,
            allow_loopback=settings.OUTBOUND_ALLOW_LOOPBACK,
            networks=tuple(map(parse_network, settings.OUTBOUND_ALLOW_NETWORKS)),
        )

    def target(self, url: str) -> Target:
        """Return what `url` leads to, without asking any name server. Raises InvalidUrl, BlockedAddress.

        To be called when a URL is entered as well as when it is called: the customer learns of it at once.
        """
        parsed = _parse(url)
        host, port = parsed.raw_host or "", parsed.port or 0
        literal = parse_address(host)
        if literal is None and (not _NAME.fullmatch(host) or _ENDS_IN_NUMBER.fullmatch(host)):
            raise InvalidUrl("The host must be a name, or an address in its usual form.")
        target = Target(parsed.with_fragment(None), host, port, literal, self._reach(parsed.scheme, port))
        if literal is not None:
            self.admit(target, [literal])
        return target

    def _reach(self, scheme: str, port: int) -> Reach:
        """Return where a URL of this scheme and port may lead. Raises InvalidUrl: nowhere."""
        ports = self.ports | {80} if self.allow_http else self.ports
        if (scheme == "https" or self.allow_http) and port in ports:
            return "anywhere"
        if self.networks and scheme == "http" and port in self.ports | {80}:
            return "inside"
        if self.allow_loopback:
            return "loopback"
        if scheme == "http" and not self.allow_http and not self.networks:
            raise InvalidUrl("The URL must start with https://.")
        raise InvalidUrl(f"Port {port} is not among {', '.join(map(str, sorted(ports)))}.")

    def other_target(self, host: str, port: int, *, plain: bool = False) -> Target:
        """Return what host and port lead to by another protocol than HTTP. Raises InvalidUrl, BlockedAddress.

        Servers of databases listen where they like, but never where the system's own services do. `plain`:
        nothing is encrypted, so it must be this machine or a network that was named, where there is any.
        """
        host = host.lower()
        literal = parse_address(host)
        if literal is None and (not _NAME.fullmatch(host) or _ENDS_IN_NUMBER.fullmatch(host)):
            raise InvalidUrl("The host must be a name, or an address in its usual form.")
        if not LEAST_PORT <= port <= 65_535:
            raise InvalidUrl(f"Port {port} is not among {LEAST_PORT} to 65535.")
        if plain and not self.allow_loopback and not self.networks:
            raise InvalidUrl("Without TLS the password would be read on the way.")
        bounded: Reach = "inside" if self.networks else "loopback"
        reach: Reach = bounded if plain else "anywhere"
        target = Target(URL.build(scheme="https", host=host, port=port), host, port, literal, reach)
        if literal is not None:
            self.admit(target, [literal])
        return target

    def admit(self, target: Target, addresses: Iterable[Address]) -> None:
        """Raise BlockedAddress unless each address may be called: one that may not condemns the name."""
        for address in addresses:
            if self.allow_loopback and is_loopback(address):
                continue
            if target.reach == "loopback":
                raise BlockedAddress(
                    f"{target} is not on this machine: use TLS, and for HTTP one of the usual ports."
                )
            if is_named(address, self.networks):
                continue
            if target.reach == "inside":
                raise BlockedAddress(
                    f"{target} is neither on this machine nor in a network that was named: use TLS."
                )
            if (why := denial(address, self.denied)) is not None:
                # The address itself is not told: names of an inside network would be looked up through us.
                hint = (
                    " Whoever runs this service may allow its own networks." if may_be_named(address) else ""
                )
                raise BlockedAddress(f"{target} leads to an address that is not public ({why}).{hint}")


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise InvalidHeader unless these may be sent for a customer."""
    names = [name.lower() for name in headers]
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise InvalidHeader("A header's name is letters, digits and hyphens.")
        if name.lower() in _OURS or names.count(name.lower()) > 1:
            raise InvalidHeader(f"{name} cannot be set, or is there twice.")
        if not _VALUE.fullmatch(value):
            raise InvalidHeader(f"The value of {name} must be printable ASCII on one line.")
    if sum(len(name) + len(value) for name, value in headers.items()) > MAX_HEADER_CHARS:
        raise InvalidHeader(f"The headers have more than {MAX_HEADER_CHARS} characters.")


def _parse(url: str) -> URL:
    if len(url) > MAX_URL_CHARS or _BLANK_OR_CONTROL.search(url) or not _URL.fullmatch(url):
        raise InvalidUrl(
            f"Must be https://host/path without blanks and user names, of at most {MAX_URL_CHARS} characters."
        )
    try:
        parsed = URL(url)
    except ValueError:  # yarl's texts quote the URL, which may hold a secret
        raise InvalidUrl("The URL cannot be read: look at its host and port.") from None
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise InvalidUrl("User name and password have no place in a URL; send a header.")
    return parsed
