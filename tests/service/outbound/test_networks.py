"""Networks that an operator names as its own: what they open, and what stays shut whatever is named."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Any

import pytest
from django.core.checks import run_checks

from kpis.connectors.sql.dsn import BadDsn, parse_dsn
from service.outbound import BlockedAddress, InvalidUrl, OutboundError, OutboundSession, Policy
from service.outbound.addresses import METADATA, PRIVATE, parse_network
from tests.service.outbound.servers import answer, naming, says, serving


def named(*networks: str, **settings: Any) -> Policy:
    return Policy(networks=tuple(map(parse_network, networks)), **settings)


OWN = named("10.20.0.0/16", "fd12:3456::/32", "192.168.7.5")
EVERYTHING = named(*map(str, PRIVATE))


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://10.20.0.5/", None),
        ("https://10.20.255.255:8443/", None),
        ("https://192.168.7.5/", None),
        ("https://[fd12:3456::9]/", None),
        ("https://[::ffff:10.20.0.5]/", None),
        # not encrypted: inside, on the ports that sources may use and on 80
        ("http://10.20.0.5/", None),
        ("http://10.20.0.5:8443/", None),
        ("http://10.20.0.5:9090/", InvalidUrl),
        ("https://10.20.0.5:9090/", InvalidUrl),
        ("http://93.184.216.34/", BlockedAddress),
        # beside what was named
        ("https://10.21.0.5/", BlockedAddress),
        ("https://192.168.7.6/", BlockedAddress),
        ("https://[fd12:3457::9]/", BlockedAddress),
        ("https://[::ffff:10.21.0.5]/", BlockedAddress),
        ("https://127.0.0.1/", BlockedAddress),
        ("http://127.0.0.1/", BlockedAddress),
    ],
)
def test_named_networks_are_open_and_nothing_beside_them(
    url: str, verdict: type[OutboundError] | None
) -> None:
    if verdict is None:
        OWN.target(url)
        return
    with pytest.raises(verdict):
        OWN.target(url)


@pytest.mark.parametrize(
    "address", [*map(str, sorted(METADATA, key=str)), "169.254.1.1", "fe80::1", "0.0.0.0"]
)
def test_where_clouds_keep_secrets_stays_shut_though_all_private_networks_are_named(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for url in (f"https://{host}/", f"http://{host}/"):
        with pytest.raises(BlockedAddress):
            EVERYTHING.target(url)
    target = EVERYTHING.target("https://meta.example/")
    with pytest.raises(BlockedAddress, match="not public"):
        EVERYTHING.admit(target, [ip_address(address)])


def test_named_exactly_a_single_address_is_open_alone() -> None:
    policy = named("169.254.169.254", "100.100.100.200/32")
    policy.target("http://169.254.169.254/")
    policy.target("https://100.100.100.200/")
    for url in ("http://169.254.169.253/", "http://169.254.170.2/", "https://100.100.100.201/"):
        with pytest.raises(BlockedAddress):
            policy.target(url)


def test_one_address_beside_what_was_named_condemns_the_name() -> None:
    target = OWN.target("https://prometheus.example/")
    OWN.admit(target, [ip_address("10.20.0.5"), ip_address("8.8.8.8")])
    for other in ("10.21.0.5", "169.254.169.254", "127.0.0.1"):
        with pytest.raises(BlockedAddress):
            OWN.admit(target, [ip_address("10.20.0.5"), ip_address(other)])
    plain = OWN.target("http://prometheus.example/")
    with pytest.raises(BlockedAddress, match="use TLS"):
        OWN.admit(plain, [ip_address("10.20.0.5"), ip_address("8.8.8.8")])


def test_the_refusal_says_who_may_allow_it_and_never_the_address() -> None:
    policy = Policy()
    with pytest.raises(BlockedAddress) as refused:
        policy.admit(policy.target("https://db.example/"), [ip_address("10.20.0.5")])
    assert str(refused.value) == (
        "db.example:443 leads to an address that is not public (private). "
        "Whoever runs this service may allow its own networks."
    )
    with pytest.raises(BlockedAddress) as refused:
        policy.admit(policy.target("https://db.example/"), [ip_address("169.254.169.254")])
    assert "allow" not in str(refused.value)


def test_a_name_that_leads_elsewhere_the_next_time_is_not_followed() -> None:
    """127.0.0.1 alone is named: it answers; the name's second address is refused before any connection."""

    async def run() -> None:
        async with (
            serving(says(answer(b"own")), host="127.0.0.1") as own,
            serving(says(answer(b"other")), host="127.0.0.2", port=own.port) as other,
            naming(["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "169.254.169.254"]) as (_, lookup),
        ):
            policy = named("127.0.0.1", ports=frozenset({own.port}))
            async with OutboundSession(policy, lookup=lookup) as http:
                url = f"http://prometheus.example:{own.port}/"
                assert (await http.fetch("GET", url)).body == b"own"
                for _ in range(2):
                    with pytest.raises(BlockedAddress):
                        await http.fetch("GET", url)
        assert (own.connections, other.connections) == (1, 0)

    asyncio.run(run())


def test_databases_inside_are_read_where_they_are_named(settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    inside = "postgresql://u:secret@10.20.0.5/db"
    with pytest.raises(BadDsn, match="not public"):
        parse_dsn(inside)
    with pytest.raises(BadDsn, match="Without TLS"):
        parse_dsn(f"{inside}?tls=off")
    settings.OUTBOUND_ALLOW_NETWORKS = ["10.20.0.0/16"]
    assert parse_dsn(inside).target.reach == "anywhere"
    assert parse_dsn(f"{inside}?tls=off").target.reach == "inside"
    for text in ("mysql://u:secret@8.8.8.8/db?tls=off", "postgresql://u:secret@10.21.0.5/db"):
        with pytest.raises(BadDsn) as refused:
            parse_dsn(text)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "10.20.0.1/16",
        "10.0.0.0/7",
        "0.0.0.0/0",
        "::/0",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "10.20",
        "x",
        "0.0.0.0",
    ],
)
def test_what_is_no_network_of_ones_own_is_refused_at_start(settings: Any, text: str) -> None:
    settings.OUTBOUND_ALLOW_NETWORKS = ["192.168.0.0/16", text]
    (found,) = [one for one in run_checks() if one.id == "service.E005"]
    assert found.msg.startswith(f"OUTBOUND_ALLOW_NETWORKS: {text} is ")
    assert found.hint
