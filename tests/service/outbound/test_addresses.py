"""The address table: public or not, whatever it is wrapped in."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outbound.addresses import denial, is_loopback, parse_address

DENIED = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254
    100.127.255.255 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255
    192.0.0.8 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255
    192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1
    255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1
    64:ff9b:1::808:808 100::1 2001::1 2001:0:7f00:1:: 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 2002:808:808:: 2620:4f:8000::1 3fff::1
    4000::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 2606:4700::1%1 fec0::1 ff02::1
    ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
""".split()  # noqa: SIM905

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 168.63.129.15
    169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255
    198.20.0.0 223.255.255.255 93.184.216.34
    2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450:4009::1 2001:200::1 2003::1 3ffe:ffff::1
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8
""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", DENIED)
def test_not_public(text: str) -> None:
    assert denial(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    assert denial(ip_address(text)) is None


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_every_carrier(address: IPv4Address) -> None:
    plain = denial(address)
    assert denial(IPv6Address(f"::ffff:{address}")) == plain
    assert denial(IPv6Address(f"64:ff9b::{address}")) == plain
    for tunnel in (
        int(IPv6Address("2002::")) | int(address) << 80,  # 6to4
        int(IPv6Address("2001::")) | int(address) << 64,  # Teredo server
        int(IPv6Address("2001::")) | int(address) ^ 0xFFFFFFFF,  # Teredo client
        int(address),  # IPv4-compatible
        int(IPv6Address("64:ff9b:1::")) | int(address),  # local NAT64
    ):
        assert denial(IPv6Address(tunnel))


@given(st.ip_addresses())
def test_what_python_calls_private_or_special_is_never_public(address: IPv4Address | IPv6Address) -> None:
    if any(address in carrier for carrier in (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))):
        return  # judged by what they carry
    special = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    if special or address.is_reserved or address.is_unspecified:
        assert denial(address)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("128.0.0.1", False),
        ("::", False),
        ("0.0.0.0", False),
        ("::127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_that_leads_elsewhere(text: str, expected: bool) -> None:
    assert is_loopback(ip_address(text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0x7f000001",
            "2130706433",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "1.2.3.4.5",
        ),
        *("example.com", "", "[::1]", "::1%", "١٢٧.0.0.1"),
    ],
)
def test_only_the_canonical_form_is_an_address(text: str) -> None:
    assert parse_address(text) is None
