"""Standard Webhooks (1.0.0), sign and verify, on bytes. Pure: no clock, no framework.

Signed content is `{id}.{timestamp}.{body}`. A header carries one or more signatures parted by blanks:
`v1,<base64 of HMAC-SHA256>` and `v1a,<base64 of ed25519>`. Keys are texts with a prefix that says what
they are, so that several can be live while one replaces another:

    whsec_  shared secret, 24 to 64 bytes    signs and verifies v1
    whsk_   ed25519 private key, 32 bytes    signs v1a (64 bytes, seed and public key, are read too)
    whpk_   ed25519 public key, 32 bytes     verifies v1a

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md. Svix signs alike under
`svix-*` header names. Our own verifier, since the makers' library lets ValueErrors of malformed headers
out and reads `123.9` as a timestamp.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.errors import Unauthenticated

TOLERANCE_S = 300
MAX_SIGNATURES = 10
_FAMILIES = ("webhook-", "svix-")
_FIELDS = ("id", "timestamp", "signature")
_ID = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,255}")  # printable ASCII without the dot that parts the content
_TIMESTAMP = re.compile(r"[0-9]{1,12}")

_Key = bytes | Ed25519PrivateKey | Ed25519PublicKey


class InvalidSignature(Unauthenticated):
    """401, always with the same words: `reason` is for the endpoint's own log, not for the sender."""

    code, title = "invalid_signature", "The signature of this message is not accepted."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class InvalidSecret(ValueError):
    """A configured key is not one; the text says what a key looks like, never what was given."""


def new_secret() -> str:
    """Return a fresh `whsec_` secret of 32 random bytes."""
    return "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()


def check_secret(secret: str) -> None:
    """Raise InvalidSecret unless `secret` is a key as the specification sizes it; for keys given to us."""
    if not secret.startswith(("whsec_", "whsk_", "whpk_")):
        raise InvalidSecret("A key starts with whsec_, whsk_ or whpk_.")
    key = _key(secret)
    if isinstance(key, bytes) and not 24 <= len(key) <= 64:
        raise InvalidSecret("A whsec_ secret is the base64 of 24 to 64 bytes.")


def sign(id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> str:
    """Return the value of `webhook-signature`: one signature for each secret, in their order.

    `timestamp`: Unix seconds, the instant of this attempt. Raises ValueError for an id or timestamp that no
    verifier takes, and InvalidSecret for a key that cannot sign.
    """
    if not _ID.fullmatch(id) or not _TIMESTAMP.fullmatch(str(timestamp)):
        raise ValueError("A message's id is printable ASCII without dots, its timestamp whole Unix seconds.")
    if not secrets:
        raise InvalidSecret("At least one secret is needed to sign.")
    content = _content(id, str(timestamp), body)
    return " ".join(_signature(_key(secret), content) for secret in secrets)


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    now: float,
    tolerance_s: float = TOLERANCE_S,
) -> str:
    """Return the message's id if one of `secrets` signed it within `tolerance_s` of `now` (Unix seconds).

    `headers`: names in any case, `webhook-*` or `svix-*`. Raises InvalidSignature for whatever is wrong with
    the message, InvalidSecret for what is wrong with our own keys.
    """
    id, timestamp, signatures = _read(headers)
    if abs(now - int(timestamp)) > tolerance_s:
        raise InvalidSignature(f"The timestamp is {int(timestamp) - now:+.0f} s from our clock.")
    content = _content(id, timestamp, body)
    checks = [_check(_key(secret), content) for secret in secrets]
    candidates = [item.partition(",") for item in signatures.split(" ", MAX_SIGNATURES)[:MAX_SIGNATURES]]
    if not any(check(version, encoded) for version, _, encoded in candidates for check in checks):
        raise InvalidSignature("No signature matches a live secret.")
    return id


def _read(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Return id, timestamp and signatures of one family of headers, each as text of the right shape."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        if (lowered := name.lower()) in found:
            raise InvalidSignature("A header is there twice.")
        if lowered.startswith(_FAMILIES):
            found[lowered] = value
    family = (
        _FAMILIES[1] if f"{_FAMILIES[1]}id" in found and f"{_FAMILIES[0]}id" not in found else _FAMILIES[0]
    )
    id, timestamp, signatures = (found.get(family + field, "") for field in _FIELDS)
    if not (id and timestamp and signatures):
        raise InvalidSignature(f"{family}id, {family}timestamp and {family}signature are all needed.")
    if not _ID.fullmatch(id):
        raise InvalidSignature("The id is not 1 to 255 printable ASCII characters without dots.")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidSignature("The timestamp is not whole Unix seconds.")
    return id, timestamp, signatures


def _content(id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((id.encode(), timestamp.encode(), body))


def _key(secret: str) -> _Key:
    """Return the key that a text stands for; without prefix it is a shared secret, as for the makers."""
    prefix, _, encoded = secret.rpartition("_")
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        if prefix == "whsk":
            return Ed25519PrivateKey.from_private_bytes(raw[:32] if len(raw) == 64 else raw)
        if prefix == "whpk":
            return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise InvalidSecret("A key is base64 after its prefix; whsk_ and whpk_ have 32 bytes.") from None
    if prefix not in ("", "whsec") or not raw:
        raise InvalidSecret("A key starts with whsec_, whsk_ or whpk_ and is not empty.")
    return raw


def _hmac(key: bytes, content: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, "sha256"))


def _signature(key: _Key, content: bytes) -> str:
    if isinstance(key, Ed25519PublicKey):
        raise InvalidSecret("A public key (whpk_) cannot sign; give the whsk_ key.")
    if isinstance(key, Ed25519PrivateKey):
        return "v1a," + base64.b64encode(key.sign(content)).decode()
    return "v1," + _hmac(key, content).decode()


def _check(key: _Key, content: bytes) -> Callable[[str, str], bool]:
    """Return a test of (version, encoded signature) for one key, which only passes its own version."""
    if isinstance(key, bytes):
        expected = _hmac(key, content)
        # Texts are compared, not what they decode to: base64 has several spellings of the same bytes.
        return lambda version, encoded: (
            hmac.compare_digest(expected, encoded.encode("utf-8", "replace")) and version == "v1"
        )
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return lambda version, encoded: version == "v1a" and _verifies(public, encoded, content)


def _verifies(public: Ed25519PublicKey, encoded: str, content: bytes) -> bool:
    try:
        signature = base64.b64decode(encoded, validate=True)
        public.verify(signature, content)
    except (ValueError, exceptions.InvalidSignature):
        return False
    return base64.b64encode(signature).decode() == encoded
