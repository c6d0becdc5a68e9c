"""Standard Webhooks: the published vectors, the makers' library as judge both ways, and mutation."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from service.signing import InvalidSecret, InvalidSignature, check_secret, new_secret, sign, verify

VECTORS = Path(__file__).resolve().parents[3] / "shared/data/webhooks/standard-webhooks.json"

# The vector that the specification's own libraries publish.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, NOW, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

PAIR = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE = "whsk_" + base64.b64encode(PAIR.private_bytes_raw()).decode()
PUBLIC = "whpk_" + base64.b64encode(PAIR.public_key().public_bytes_raw()).decode()


def _headers(**changed: str | None) -> dict[str, str]:
    headers = {"id": ID, "timestamp": str(NOW), "signature": SIGNATURE} | changed
    return {f"webhook-{field}": value for field, value in headers.items() if value is not None}


def _refusal(call: Callable[[], Any]) -> InvalidSignature:
    with pytest.raises(InvalidSignature) as caught:
        call()
    assert type(caught.value) is InvalidSignature
    assert (caught.value.status, caught.value.code, caught.value.detail) == (401, "invalid_signature", "")
    assert str(caught.value) == InvalidSignature.title
    assert caught.value.reason
    return caught.value


def test_the_published_vector() -> None:
    assert sign(ID, NOW, BODY, [SECRET]) == SIGNATURE
    assert verify(BODY, _headers(), [SECRET], NOW) == ID


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared/data is absent")
def test_the_vectors_of_the_makers_tests() -> None:
    material = json.loads(VECTORS.read_text())
    assert len(material["vectors"]) == 10
    for vector in material["vectors"]:
        arguments = (vector["payload"].encode(), vector["headers"], [vector["secret"]], vector["now"])
        if vector["expected"]:
            assert verify(*arguments) == vector["headers"]["webhook-id"], vector["name"]
        else:
            _refusal(lambda arguments=arguments: verify(*arguments))  # type: ignore[misc]
    for secret in material["invalid_secrets"]:
        with pytest.raises(InvalidSecret):
            verify(BODY, _headers(), [secret], NOW)


bodies = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="."), min_size=1)


@given(bodies, ids, st.binary(min_size=24, max_size=64))
def test_what_we_sign_the_makers_verify_and_what_they_sign_we_verify(body: str, id: str, raw: bytes) -> None:
    secret = "whsec_" + base64.b64encode(raw).decode()
    maker = standardwebhooks.Webhook(secret)
    at = datetime.now(UTC).replace(microsecond=0)
    ours = sign(id, int(at.timestamp()), body.encode(), [new_secret(), secret])
    headers = {"webhook-id": id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": ours}
    maker.verify(body, headers, json_parse=False)
    headers["webhook-signature"] = maker.sign(id, at, body)
    assert verify(body.encode(), headers, [secret], at.timestamp()) == id


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "webhook-id, webhook-timestamp and webhook-signature are all needed"),
        (_headers(id=None), "all needed"),
        (_headers(timestamp=None), "all needed"),
        (_headers(signature=None), "all needed"),
        (_headers(signature=""), "all needed"),
        (_headers(id="a.b"), "The id"),
        (_headers(id="a b"), "The id"),
        (_headers(id=ID + "\n"), "The id"),
        (_headers(id="é"), "The id"),
        (_headers(id="x" * 256), "The id"),
        (_headers(timestamp="1614265330.9"), "whole Unix seconds"),
        (_headers(timestamp=" 1614265330"), "whole Unix seconds"),
        (_headers(timestamp="-1614265330"), "whole Unix seconds"),
        (_headers(timestamp="1_614_265_330"), "whole Unix seconds"),
        (_headers(timestamp="1e9"), "whole Unix seconds"),
        (_headers(timestamp="nan"), "whole Unix seconds"),
        (_headers(timestamp="٣٤"), "whole Unix seconds"),
        (_headers(timestamp="9" * 13), "whole Unix seconds"),
        (_headers(timestamp=str(NOW - 301)), "-301 s from our clock"),
        (_headers(timestamp=str(NOW + 301)), "+301 s from our clock"),
        (_headers(timestamp=str(NOW + 1)), "No signature matches"),
        (_headers(signature="garbage"), "No signature matches"),
        (_headers(signature="v1"), "No signature matches"),
        (_headers(signature="v1,"), "No signature matches"),
        (_headers(signature="v1,AAA"), "No signature matches"),
        (_headers(signature="v1,,x"), "No signature matches"),
        (_headers(signature="v1,é"), "No signature matches"),
        (_headers(signature="v1,\ud800"), "No signature matches"),
        (_headers(signature="v1a,AAAA"), "No signature matches"),
        (_headers(signature="v1a" + SIGNATURE[2:]), "No signature matches"),
        (_headers(signature="V1" + SIGNATURE[2:]), "No signature matches"),
        (_headers(signature="v2" + SIGNATURE[2:]), "No signature matches"),
        (_headers(signature=SIGNATURE + "="), "No signature matches"),
        # Decodes to the same 32 bytes: the last base64 digit carries two bits that nobody reads.
        (_headers(signature=SIGNATURE[:-2] + "F="), "No signature matches"),
        (_headers(signature=SIGNATURE.replace("v1,", "v1, ")), "No signature matches"),
        (_headers(signature=" ".join(["v1,AAAA"] * 10 + [SIGNATURE])), "No signature matches"),
        (_headers() | {"Webhook-Id": "other"}, "twice"),
        ({"svix-id": ID, **_headers(id=None)}, "svix-timestamp"),
    ],
)
def test_every_malformed_message_gets_the_one_refusal(headers: dict[str, str], said: str) -> None:
    assert said in _refusal(lambda: verify(BODY, headers, [SECRET], NOW)).reason


def test_no_live_secret_and_a_wrong_secret_are_refused_alike() -> None:
    _refusal(lambda: verify(BODY, _headers(), [], NOW))
    _refusal(lambda: verify(BODY, _headers(), [new_secret()], NOW))


def test_rotation_either_side_may_hold_the_newer_secret() -> None:
    old, new = new_secret(), new_secret()
    both = _headers(signature=sign(ID, NOW, BODY, [new, old]))
    assert both["webhook-signature"].count("v1,") == 2
    for live in ([old], [new], [new, old], [new_secret(), old]):
        assert verify(BODY, both, live, NOW) == ID
    assert verify(BODY, _headers(signature=sign(ID, NOW, BODY, [old])), [new, old], NOW) == ID


def test_unknown_versions_are_passed_over_and_ten_signatures_are_read() -> None:
    many = " ".join(["v9,zzz", "", *["v1,AAAA"] * 7, SIGNATURE])
    assert verify(BODY, _headers(signature=many), [SECRET], NOW) == ID


@pytest.mark.parametrize("spell", [str.title, str.upper, lambda name: name.replace("webhook", "svix")])
def test_header_names_in_any_case_and_of_svix(spell: Callable[[str], str]) -> None:
    headers = {spell(name): value for name, value in _headers().items()} | {"Content-Type": "text/plain"}
    assert verify(BODY, headers, [SECRET], NOW) == ID


@pytest.mark.parametrize(
    "private",
    [
        PRIVATE,
        "whsk_" + base64.b64encode(PAIR.private_bytes_raw() + PAIR.public_key().public_bytes_raw()).decode(),
    ],
)
def test_ed25519_signs_v1a_and_the_public_key_verifies_it(private: str) -> None:
    headers = _headers(signature=sign(ID, NOW, BODY, [private, SECRET]))
    assert headers["webhook-signature"].startswith("v1a,")
    assert headers["webhook-signature"].endswith(f" {SIGNATURE}")
    only = _headers(signature=headers["webhook-signature"].split(" ")[0])
    for key in (PUBLIC, private):
        assert verify(BODY, only, [SECRET, key], NOW) == ID
    _refusal(lambda: verify(BODY + b" ", only, [PUBLIC], NOW))
    _refusal(lambda: verify(BODY, only, [SECRET], NOW))
    # A shared secret made of the public bytes must not open the other scheme.
    _refusal(lambda: verify(BODY, only, [PUBLIC.replace("whpk_", "whsec_")], NOW))
    malleable = _headers(signature=only["webhook-signature"].replace("=", ""))
    _refusal(lambda: verify(BODY, malleable, [PUBLIC], NOW))


@given(st.data())
def test_a_changed_byte_anywhere_is_refused_and_nothing_else_is_ever_raised(data: st.DataObject) -> None:
    both = sign(ID, NOW, BODY, [SECRET, PRIVATE])
    parts = {"body": BODY, **{k: v.encode() for k, v in _headers(signature=both).items()}}
    name = data.draw(st.sampled_from(["body", "webhook-id", "webhook-timestamp"]))
    at = data.draw(st.integers(0, len(parts[name]) - 1))
    mutant = data.draw(st.binary(max_size=2).filter(lambda b: b != parts[name][at : at + 1]))
    parts[name] = parts[name][:at] + mutant + parts[name][at + 1 :]
    headers = {k: v.decode("latin-1") for k, v in parts.items() if k != "body"}
    _refusal(lambda: verify(parts["body"], headers, [SECRET, PUBLIC], NOW, tolerance_s=1e12))


@given(st.data(), st.sampled_from([SECRET, PRIVATE]))
def test_a_changed_signature_is_refused_whatever_stands_there(data: st.DataObject, secret: str) -> None:
    signature = sign(ID, NOW, BODY, [secret])
    at = data.draw(st.integers(0, len(signature) - 1))
    mutant = data.draw(st.text(max_size=2).filter(lambda t: t != signature[at]))
    changed = signature[:at] + mutant + signature[at + 1 :]
    if signature in changed.split(" "):
        return  # a blank and a second item before or behind the whole signature: rotation, not forgery
    _refusal(lambda: verify(BODY, _headers(signature=changed), [SECRET, PUBLIC], NOW))


@given(st.binary(max_size=50), st.dictionaries(st.sampled_from(list(_headers())), st.text()))
def test_any_headers_at_all_are_refused_by_the_one_name(body: bytes, headers: dict[str, str]) -> None:
    _refusal(lambda: verify(body, headers, [SECRET, PUBLIC], NOW))


def test_secrets_are_minted_and_checked_as_the_specification_sizes_them() -> None:
    assert new_secret() != new_secret()
    for fine in (new_secret(), SECRET, PRIVATE, PUBLIC, SECRET.rstrip("=")):
        check_secret(fine)
    short, long = ("whsec_" + base64.b64encode(b"x" * n).decode() for n in (23, 65))
    for poor in (
        "",
        "whsec_",
        "whsec_***",
        SECRET[6:],
        short,
        long,
        "whsk_AAAA",
        "whpk_AAAA",
        "x" + SECRET,
        "whsec_é",
    ):
        with pytest.raises(InvalidSecret) as caught:
            check_secret(poor)
        assert not poor or poor not in str(caught.value) or poor == "whsec_"


def test_what_no_verifier_takes_is_not_signed() -> None:
    for id, timestamp in (("a.b", NOW), ("", NOW), (ID, -1), (ID, 10**12)):
        with pytest.raises(ValueError, match="printable ASCII"):
            sign(id, timestamp, BODY, [SECRET])
    with pytest.raises(InvalidSecret, match="cannot sign"):
        sign(ID, NOW, BODY, [PUBLIC])
    with pytest.raises(InvalidSecret, match="At least one"):
        sign(ID, NOW, BODY, [])
