"""Every provider's proof: what its sender signs passes, with any live secret; what is changed does not."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.providers.exchange import Exchange
from service.providers.hmacs import check_template
from service.providers.table import PROVIDERS
from service.signing import InvalidSecret
from tests.service.providers.signers import BODY, NOW, SENDGRID, SIGNERS, Signer, b64, mac

CASES = pytest.mark.parametrize(
    ("provider", "settings", "signer", "secret", "other"),
    SIGNERS,
    ids=[f"{case[0]}-{'own' if case[1] else 'plain'}" for case in SIGNERS],
)
TIMED = {"standard_webhooks", "svix", "stripe", "hubspot", "hmac"}
UNSIGNED = {"postmark", "header"}  # what is sent along proves nothing about the body


def test_every_provider_has_a_signer_here() -> None:
    assert {case[0] for case in SIGNERS} == {row.key for row in PROVIDERS.values() if not row.secretless}


@CASES
def test_what_its_sender_signs_is_accepted_with_any_live_secret(
    provider: str, settings: dict[str, Any], signer: Signer, secret: str, other: str
) -> None:
    row = PROVIDERS[provider]
    verify = row.verifier(settings)
    for one in (secret, other):
        row.check(one)
    sent = signer(secret)
    assert verify(sent, [secret], NOW).accepted
    assert verify(sent, [other, secret], NOW).accepted
    assert verify(sent, [secret, other], NOW).accepted
    refused = verify(sent, [other], NOW)
    assert not refused.accepted
    assert secret not in refused.reason
    assert not verify(sent, [], NOW).accepted


@CASES
def test_another_body_another_time_and_a_missing_header_are_refused(
    provider: str, settings: dict[str, Any], signer: Signer, secret: str, other: str
) -> None:
    verify = PROVIDERS[provider].verifier(settings)
    sent = signer(secret)
    if provider not in UNSIGNED | {"mailgun"}:
        assert not verify(replace(sent, body=sent.body + b" "), [secret], NOW).accepted
    for seconds in (-301, 301):
        assert verify(sent, [secret], NOW + seconds).accepted is (provider not in TIMED)
    for name in sent.headers:
        if name != "content-type":
            fewer = {key: value for key, value in sent.headers.items() if key != name}
            assert not verify(replace(sent, headers=fewer), [secret], NOW).accepted


@given(st.sampled_from(SIGNERS), st.data())
def test_no_change_of_a_header_is_accepted_and_none_is_an_error(case: Any, data: st.DataObject) -> None:
    provider, settings, signer, secret, _ = case
    sent = signer(secret)
    names = sorted(set(sent.headers) - {"content-type"})
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    changed = data.draw(
        st.one_of(
            st.text(st.characters(max_codepoint=0x24F), max_size=80),
            st.sampled_from(["t=1", "v1,", "v1=", "sha256=", "=,=,", "t=,v1=", "1" * 400, "é" * 9, "\ud800"]),
        )
    )
    headers = {**sent.headers, name: changed}
    same = changed.strip(" ,") == sent.headers[name]
    assert (
        same
        or not PROVIDERS[provider].verifier(settings)(replace(sent, headers=headers), [secret], NOW).accepted
    )


@given(st.sampled_from(SIGNERS), st.binary(max_size=300))
def test_hostile_bodies_are_refused_and_no_error(case: Any, body: bytes) -> None:
    provider, settings, signer, secret, _ = case
    sent = signer(secret)
    verdict = PROVIDERS[provider].verifier(settings)(replace(sent, body=body), [secret], NOW)
    assert verdict.accepted is (provider in UNSIGNED or body == sent.body)


def test_mailgun_names_its_word_that_may_be_used_once() -> None:
    signer = next(case for case in SIGNERS if case[0] == "mailgun")[2]
    assert PROVIDERS["mailgun"].verifier({})(signer("key"), ["key"], NOW).nonce == "f" * 50
    for body in (
        b"[]",
        b'{"signature": 1}',
        b'{"signature": {"timestamp": 1, "token": [], "signature": {}}}',
    ):
        assert not PROVIDERS["mailgun"].verifier({})(Exchange(body, {}), ["key"], NOW).accepted


def test_the_published_vectors_of_github(shared_data: Path) -> None:
    material = json.loads((shared_data / "webhooks/github-hmac.json").read_text())
    verify = PROVIDERS["github"].verifier({})
    for vector in material["vectors"]:
        headers = {name.lower(): value for name, value in vector["headers"].items()}
        sent = Exchange(vector["payload"].encode(), headers)
        assert verify(sent, [vector["secret"]], NOW).accepted is vector["expected"], vector["name"]


def test_the_published_vectors_of_standard_webhooks(shared_data: Path) -> None:
    material = json.loads((shared_data / "webhooks/standard-webhooks.json").read_text())
    verify = PROVIDERS["standard_webhooks"].verifier({})
    for vector in material["vectors"]:
        sent = Exchange(vector["payload"].encode(), vector["headers"])
        assert verify(sent, [vector["secret"]], vector["now"]).accepted is vector["expected"], vector["name"]


def test_openssl_signs_as_sendgrid_does(tmp_path: Path) -> None:
    key, content = tmp_path / "key.pem", tmp_path / "content"

    def openssl(*arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
    public = b64(openssl("ec", "-in", str(key), "-pubout", "-outform", "DER"))
    content.write_bytes(b"1600112492" + BODY)
    headers = {
        "x-twilio-email-event-webhook-timestamp": "1600112492",
        "x-twilio-email-event-webhook-signature": b64(
            openssl("dgst", "-sha256", "-sign", str(key), str(content))
        ),
    }
    verify = PROVIDERS["sendgrid"].verifier({})
    assert verify(Exchange(BODY, headers), [SENDGRID, public], NOW).accepted
    assert not verify(Exchange(BODY + b"\n", headers), [public], NOW).accepted


@pytest.mark.parametrize(
    ("provider", "secret"),
    [
        ("standard_webhooks", "secret"),
        ("standard_webhooks", "whsec_AAAA"),
        ("sendgrid", "not base64"),
        ("sendgrid", "AAAA"),
        ("postmark", "password-alone"),
        ("postmark", ":a-word"),
        ("hmac", "short"),
        ("hmac", "line\nbreak here"),
        ("hmac", "x" * 1001),
    ],
)
def test_what_is_no_secret_is_refused_and_not_repeated(provider: str, secret: str) -> None:
    with pytest.raises(InvalidSecret) as caught:
        PROVIDERS[provider].check(secret)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "fits"),
    [
        ("{body}", True),
        ("v0:{timestamp}:{body}", True),
        ("{method}{url}{body}{id}", True),
        ("{timestamp}", False),
        ("{body}{secret}", False),
        ("{body}}", False),
    ],
)
def test_templates_name_only_parts_of_the_request(template: str, fits: bool) -> None:
    assert (check_template(template) == "") is fits


def test_any_algorithm_and_encoding() -> None:
    for algorithm in ("sha1", "sha256", "sha384", "sha512"):
        for encoding in ("hex", "base64"):
            raw = mac("secret-word", BODY, algorithm)
            sent = Exchange(BODY, {"x-sig": raw.hex().upper() if encoding == "hex" else b64(raw)})
            settings = {"header": "X-Sig", "algorithm": algorithm, "encoding": encoding}
            assert PROVIDERS["hmac"].verifier(settings)(sent, ["secret-word"], NOW).accepted
