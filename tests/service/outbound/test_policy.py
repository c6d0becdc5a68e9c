"""Which URLs, ports, headers and addresses a deployment calls: tables, no network."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.outbound import BlockedAddress, InvalidHeader, InvalidUrl, Policy, Refused
from service.outbound.policy import check_headers

STRICT = Policy()
HTTP = Policy(allow_http=True)
DEMO = Policy(allow_loopback=True)

INVALID = [
    "",
    "example.com",
    "//example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "https:example.com",
    "https:/example.com",
    "https:///path",
    "https://",
    "https://?q",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://@example.com/",
    "https://:@example.com/",
    "https://example.com:0/",
    "https://example.com:22/",
    "https://example.com:80/",
    "https://example.com:6379/",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://exa mple.com/",
    "https://example.com/a b",
    "https://example.com/\n",
    "https://example.com/\x00",
    "https://example.com/\ud800",
    "https://example.com\\@127.0.0.1/",
    "https://example.com\t/",
    "https://exam%70le.com/",
    "https://a..b/",
    "https://-a.com/",
    "https://" + "a" * 64 + ".com/",
    "https://" + "a." * 127 + "com/",
    "https://example.com/" + "a" * 8_000,
    "http://example.com/",
    "http://example.com:443/",
    # Addresses in disguise. getaddrinfo reads each of them as 127.0.0.1 or another address.
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://0x7f000001/",
    "https://0X7F.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://127.0.0.1./",
    "https://127.0.0.0x1/",
    "https://example.0x/",
    "https://1.2.3.4.5/",
    "https://8.8.8.8.8/",
    "https://[::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[v1.a]/",
    "https://[127.0.0.1]/",
    "https://[]/",
    "https://::1/",
]

BLOCKED = [
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://0.0.0.0/",
    "https://10.0.0.5/",
    "https://100.100.100.200/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://192.168.1.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[5f00::1]/",
]

CALLABLE = [
    ("https://example.com", "example.com", 443),
    ("HTTPS://EXAMPLE.com:8443/a?b=c%2F&d=%20#fragment", "example.com", 8443),
    ("https://example.com./", "example.com.", 443),
    ("https://a_b.example.co.uk/?q=@x", "a_b.example.co.uk", 443),
    ("https://bücher.example/", "xn--bcher-kva.example", 443),
    ("https://8.8.8.8/", "8.8.8.8", 443),
    ("https://[2606:4700:4700::1111]:8443/", "2606:4700:4700::1111", 8443),
    ("https://1password.com/", "1password.com", 443),
    ("https://3.example.0x1.com/", "3.example.0x1.com", 443),
]


@pytest.mark.parametrize("url", INVALID)
@pytest.mark.parametrize("policy", [STRICT, HTTP, DEMO, Policy(allow_http=True, allow_loopback=True)])
def test_not_a_url_that_we_call(url: str, policy: Policy) -> None:
    plain_http_or_odd_port = url.startswith(("http://", "https://example.com:"))
    if plain_http_or_odd_port and policy is not STRICT and ":99999" not in url and ":x" not in url:
        return  # see the tables of those policies below
    with pytest.raises(InvalidUrl) as caught:
        policy.target(url)
    assert caught.value.permanent
    assert "password" not in str(caught.value).replace("User name and password", "")


@pytest.mark.parametrize("url", BLOCKED)
def test_a_literal_that_is_not_public_is_refused_before_any_socket(url: str) -> None:
    for policy in (STRICT, HTTP):
        with pytest.raises(BlockedAddress) as caught:
            policy.target(url)
        assert caught.value.permanent


@pytest.mark.parametrize(("url", "host", "port"), CALLABLE)
def test_callable(url: str, host: str, port: int) -> None:
    target = STRICT.target(url)
    assert (target.host, target.port, target.reach) == (host, port, "anywhere")
    assert target.url.fragment == ""


@pytest.mark.parametrize(
    ("policy", "url", "verdict"),
    [
        # Plain http by setting: port 80 and the usual ones, public addresses all the same.
        (HTTP, "http://example.com/", None),
        (HTTP, "http://example.com:8443/", None),
        (HTTP, "http://example.com:8080/", InvalidUrl),
        (HTTP, "http://127.0.0.1/", BlockedAddress),
        (Policy(ports=frozenset({443, 9000})), "https://example.com:9000/", None),
        (Policy(ports=frozenset({443, 9000})), "https://example.com:8443/", InvalidUrl),
        # Loopback by setting: this machine on any port, by http too, and nothing else that is private.
        (DEMO, "http://127.0.0.1:5005/", None),
        (DEMO, "https://127.0.0.1/", None),
        (DEMO, "http://127.9.9.9:1/", None),
        (DEMO, "http://[::1]:5005/", None),
        (DEMO, "http://[::ffff:127.0.0.1]:5005/", None),
        (DEMO, "http://0.0.0.0:5005/", BlockedAddress),
        (DEMO, "http://10.0.0.1:5005/", BlockedAddress),
        (DEMO, "https://10.0.0.1/", BlockedAddress),
        (DEMO, "https://169.254.169.254/", BlockedAddress),
        (DEMO, "http://169.254.169.254/", BlockedAddress),
        (DEMO, "http://8.8.8.8/", BlockedAddress),
        (DEMO, "https://8.8.8.8:22/", BlockedAddress),
        (DEMO, "http://[64:ff9b::7f00:1]/", BlockedAddress),
        (DEMO, "http://127.1:5005/", InvalidUrl),
    ],
)
def test_what_a_setting_opens_and_what_it_leaves_shut(
    policy: Policy, url: str, verdict: type[Refused] | None
) -> None:
    if verdict is None:
        policy.target(url)
        return
    with pytest.raises(verdict):
        policy.target(url)


@pytest.mark.parametrize(
    ("policy", "url", "addresses", "fine"),
    [
        (STRICT, "https://a.example/", ["8.8.8.8"], True),
        (STRICT, "https://a.example/", ["8.8.8.8", "2606:4700::1"], True),
        (STRICT, "https://a.example/", ["8.8.8.8", "127.0.0.1"], False),
        (STRICT, "https://a.example/", ["10.0.0.1", "8.8.8.8"], False),
        (STRICT, "https://localhost/", ["127.0.0.1"], False),
        (HTTP, "http://localhost/", ["::1"], False),
        (DEMO, "https://localhost/", ["127.0.0.1", "::1"], True),
        (DEMO, "https://a.example/", ["8.8.8.8"], True),
        (DEMO, "http://localhost:5005/", ["127.0.0.1", "::1"], True),
        (DEMO, "http://a.example:5005/", ["8.8.8.8"], False),
        (DEMO, "http://a.example:5005/", ["127.0.0.1", "8.8.8.8"], False),
        (DEMO, "https://a.example:5005/", ["8.8.8.8"], False),
        (DEMO, "http://a.example:5005/", ["10.0.0.1"], False),
        (DEMO, "https://a.example/", ["127.0.0.1", "10.0.0.1"], False),
        (Policy(allow_http=True, allow_loopback=True), "http://a.example/", ["8.8.8.8"], True),
        (Policy(allow_http=True, allow_loopback=True), "http://a.example:81/", ["8.8.8.8"], False),
    ],
)
def test_each_address_of_a_name_must_be_allowed(
    policy: Policy, url: str, addresses: list[str], fine: bool
) -> None:
    target = policy.target(url)
    if fine:
        policy.admit(target, map(ip_address, addresses))
        return
    with pytest.raises(BlockedAddress) as caught:
        policy.admit(target, map(ip_address, addresses))
    assert not any(address in str(caught.value) for address in addresses)


@given(st.text(max_size=40) | st.text(":/@[]%.#?\\0123456789abxhtps", max_size=40).map("https://{}".format))
def test_any_text_is_a_target_or_a_named_refusal(text: str) -> None:
    try:
        target = STRICT.target(text)
    except Refused:
        return
    assert target.url.scheme == "https"
    assert target.url.raw_user is None
    assert target.url.raw_host == target.host
    assert target.port in STRICT.ports


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "internal"},
        {"HOST": "internal"},
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "keep-alive"},
        {"Accept-Encoding": "br"},
        {"Proxy-Authorization": "x"},
        {"Upgrade": "websocket"},
        {"": "x"},
        {"X Y": "x"},
        {"X:Y": "x"},
        {"X\r\nHost": "internal"},
        {"X-Clé": "x"},
        {"X": "a\r\nHost: internal"},
        {"X": "a\nb"},
        {"X": "a\x00b"},
        {"X": "é"},
        {"X": "\ud800"},
        {"X": "1", "x": "2"},
        {"X": "a" * 16_001},
        {f"X-{n}": "a" * 100 for n in range(200)},
    ],
)
def test_headers_that_are_not_sent_for_a_customer(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidHeader) as caught:
        check_headers(headers)
    assert caught.value.permanent


def test_headers_that_are() -> None:
    check_headers({"Authorization": "Bearer a.b-c", "X-Api-Key": "k\t v~", "Accept": "*/*", "Cookie": "a=b"})


def test_the_policy_comes_from_the_settings(settings: Any) -> None:
    settings.OUTBOUND_PORTS = [443, 9443]
    settings.OUTBOUND_ALLOW_HTTP = False
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    settings.OUTBOUND_ALLOW_NETWORKS = ["10.20.0.0/16"]
    assert Policy.from_settings() == Policy(
        ports=frozenset({443, 9443}), allow_loopback=True, networks=(ip_network("10.20.0.0/16"),)
    )
