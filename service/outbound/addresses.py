"""Which addresses are public: an explicit list, since Python's own answer depends on its version. Pure.

`ipaddress.is_global` says True, on 3.11 or on all, for the NAT64 form of 127.0.0.1, for `::127.0.0.1`, for
fec0::1 and for all multicast; `is_private` says False for 100.64/10, where a cloud keeps its metadata.
Source: IANA special-purpose address registries for IPv4 and IPv6; RFC 4291, 6052, 6890.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_V4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier or a cloud",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's host agent",
    "169.254.0.0/16": "link-local, cloud metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.31.196.0/24": "AS112 sink",
    "192.52.193.0/24": "multicast relay",
    "192.88.99.0/24": "6to4 relay",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "AS112 sink",
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved, broadcast",
}
# Global unicast is 2000::/3. The first three are everything else: loopback, IPv4-compatible, unique local,
# link-local, site-local, multicast, and whatever is assigned there one day.
_DENIED_V6 = {
    "::/3": "not global unicast",
    "4000::/2": "not global unicast",
    "8000::/1": "not global unicast",
    "2001::/23": "protocol assignments, Teredo",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "2620:4f:8000::/48": "AS112 sink",
    "3fff::/20": "documentation",
}
DENIED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(cidr), why) for cidr, why in {**_DENIED_V4, **_DENIED_V6}.items()
)

# What an operator may open whole or in part (OUTBOUND_ALLOW_NETWORKS): addresses that a network of one's own
# is numbered with. Anything else that is denied is opened by its single address alone, and so are the
# addresses among these at which clouds tell a machine its secrets.
PRIVATE: tuple[Network, ...] = tuple(
    ip_network(cidr)
    for cidr in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "fc00::/7",
    )
)
METADATA = frozenset(
    ip_address(text)
    for text in (
        *("169.254.169.254", "169.254.170.2", "168.63.129.16", "192.0.0.192", "100.100.100.200"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
    )
)

# Where the last 32 bits are an IPv4 address that the packet ends up at. Tunnels whose far end somebody else
# chooses (6to4, Teredo, local NAT64 prefixes) are denied whole.
_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_MAPPED = _CARRIERS[0]
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def parse_address(text: str) -> Address | None:
    """Return the address that `text` writes in its canonical form; None for names and for anything else."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def parse_network(text: str) -> Network:
    """Return the network that an operator names: an address, or a part of PRIVATE. Raises ValueError."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text} is no network: {error}.") from error
    if network.num_addresses == 1:
        if network.network_address.is_unspecified:
            raise ValueError(f"{text} is no address that anybody has.")
        return network
    if not any(_lies_in(network, part) for part in PRIVATE):
        parts = ", ".join(map(str, PRIVATE))
        raise ValueError(f"{text} is neither a single address nor a part of {parts}.")
    return network


def _lies_in(network: Network, part: Network) -> bool:
    return (
        network.version == part.version
        and part.network_address <= network.network_address  # type: ignore[operator]
        and network.broadcast_address <= part.broadcast_address  # type: ignore[operator]
    )


def is_named(address: Address, networks: tuple[Network, ...]) -> bool:
    """Say whether an operator opened `address`: metadata by itself alone, others with their network too."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if any(address in carrier for carrier in _CARRIERS):
            return is_named(_embedded(address), networks)
    holding = (network for network in networks if address in network)
    return any(network.num_addresses == 1 or address not in METADATA for network in holding)


def may_be_named(address: Address) -> bool:
    """Say whether `address` is of a kind that an operator may open with the network around it."""
    if isinstance(address, IPv6Address) and any(address in carrier for carrier in _CARRIERS):
        return may_be_named(_embedded(address))
    return address not in METADATA and any(address in part for part in PRIVATE)


def denial(address: Address, denied: tuple[tuple[Network, str], ...] = DENIED) -> str | None:
    """Return why `address` may not be called, None if it is public."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "scoped"
        if any(address in carrier for carrier in _CARRIERS):
            return denial(_embedded(address), denied)
    return next((why for network, why in denied if address in network), None)


def is_loopback(address: Address) -> bool:
    """True for 127.0.0.0/8 and ::1, also where a socket would unwrap to them."""
    if isinstance(address, IPv6Address) and address in _MAPPED:
        address = _embedded(address)
    return any(address in network for network in _LOOPBACK)


def _embedded(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
