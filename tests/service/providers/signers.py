"""What senders do, written from their documentation and, where they have one, by their own library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import stripe
import svix.webhooks
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.providers.exchange import Exchange
from service.signing import sign

URL = "https://maps.example/hooks/lm_hook_1?team=a%3Ab%20c"
NOW = 1_790_000_000.0
BODY = json.dumps({"type": "survey.answered", "score": 9}).encode()
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
_KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("one", "two")}


def _public(name: str) -> str:
    der = _KEYS[name].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


SENDGRID, SENDGRID_OTHER = _public("one"), _public("two")


def mac(secret: str, content: bytes, algorithm: str) -> bytes:
    return hmac.new(secret.encode(), content, getattr(hashlib, algorithm)).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _standard(secret: str) -> Exchange:
    stamp = str(int(NOW))
    signature = sign("msg_1", int(NOW), BODY, [secret])
    return Exchange(BODY, {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature})


def _svix(secret: str) -> Exchange:
    signature = svix.webhooks.Webhook(secret).sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())
    stamp = str(int(NOW))
    return Exchange(BODY, {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": signature})


def _stripe(secret: str) -> Exchange:
    signer = stripe.WebhookSignature.generate_signature_header
    return Exchange(BODY, {"stripe-signature": signer(BODY.decode(), secret, int(NOW))})


def sendgrid(body: bytes, key: str = SENDGRID) -> dict[str, str]:
    signer = _KEYS["one" if key == SENDGRID else "two"]
    stamp = str(int(NOW))
    return {
        "x-twilio-email-event-webhook-timestamp": stamp,
        "x-twilio-email-event-webhook-signature": b64(signer.sign(stamp.encode() + body, ec.ECDSA(SHA256()))),
    }


def _mailgun(secret: str) -> Exchange:
    stamp, token = str(int(NOW)), "f" * 50
    parts = {"timestamp": stamp, "token": token}
    parts["signature"] = mac(secret, (stamp + token).encode(), "sha256").hex()
    return Exchange(json.dumps({"signature": parts, "event-data": {"id": "e1"}}).encode(), {})


def mandrill(body: bytes, secret: str, url: str) -> dict[str, str]:
    events = body  # the form has one field here
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-mandrill-signature": b64(mac(secret, url.encode() + b"mandrill_events" + events, "sha1")),
    }


def _mandrill(secret: str) -> Exchange:
    events = b'[{"event":"open","_id":"m 1","ts":1}]'
    form = urlencode({"mandrill_events": events.decode()}).encode()
    return Exchange(form, mandrill(events, secret, URL), url=URL)


def _header(name: str, algorithm: str, encode: Callable[[bytes], str], prefix: str = "") -> Signer:
    return lambda secret: Exchange(BODY, {name: prefix + encode(mac(secret, BODY, algorithm))})


def _hubspot(secret: str) -> Exchange:
    stamp = str(int(NOW * 1000))
    content = b"POST" + URL.replace("%3A", ":").encode() + BODY + stamp.encode()
    headers = {
        "x-hubspot-signature-v3": b64(mac(secret, content, "sha256")),
        "x-hubspot-request-timestamp": stamp,
    }
    return Exchange(BODY, headers, url=URL)


def _slack(secret: str) -> Exchange:
    stamp = str(int(NOW))
    signature = "v0=" + mac(secret, b"v0:" + stamp.encode() + b":" + BODY, "sha256").hex()
    return Exchange(BODY, {"x-slack-signature": signature, "x-slack-request-timestamp": stamp})


Signer = Callable[[str], Exchange]
SLACK = {
    "header": "X-Slack-Signature",
    "prefix": "v0=",
    "signed": "v0:{timestamp}:{body}",
    "timestamp_header": "X-Slack-Request-Timestamp",
}
# provider, its settings, who signs, two secrets
SIGNERS: list[tuple[str, dict[str, object], Signer, str, str]] = [
    ("standard_webhooks", {}, _standard, WHSEC, OTHER),
    ("svix", {}, _svix, WHSEC, OTHER),
    ("stripe", {}, _stripe, "whsec_not+base64!", "whsec_other"),
    ("sendgrid", {}, lambda key: Exchange(BODY, sendgrid(BODY, key)), SENDGRID, SENDGRID_OTHER),
    ("mailgun", {}, _mailgun, "key-of-mailgun", "key-another"),
    ("mandrill", {}, _mandrill, "key-of-mandrill", "key-another"),
    ("typeform", {}, _header("typeform-signature", "sha256", b64, "sha256="), "sécret-one", "secret-two"),
    ("surveymonkey", {}, _header("sm-signature", "sha1", b64), "client&secret", "client&another"),
    ("segment", {}, _header("x-signature", "sha1", bytes.hex), "shared-one", "shared-two"),
    ("hubspot", {}, _hubspot, "client-secret", "client-another"),
    (
        "github",
        {},
        _header("x-hub-signature-256", "sha256", bytes.hex, "sha256="),
        "It's a Secret",
        "another one",
    ),
    ("hmac", SLACK, _slack, "slack-secret", "slack-another"),
    (
        "postmark",
        {},
        lambda secret: Exchange(BODY, {"authorization": "Basic " + b64(secret.encode())}),
        "user:pass:word",
        "user:other",
    ),
    (
        "postmark",
        {"header": "X-Our-Word"},
        lambda secret: Exchange(BODY, {"x-our-word": secret}),
        "user:word",
        "user:other",
    ),
    (
        "header",
        {"header": "Authorization", "prefix": "Bearer "},
        lambda secret: Exchange(BODY, {"authorization": "Bearer " + secret}),
        "token-one",
        "token-two",
    ),
]
