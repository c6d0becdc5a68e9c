"""Secrets that must be used again: encrypted with a rotatable key, never logged or echoed.

VAULT_KEYS lists Fernet keys: the first encrypts, all decrypt. To rotate, put a new key in front, run
`manage.py rotate_secrets`, then drop the old one.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from service.errors import ServerError


class SealBroken(ServerError):
    """The stored secret was sealed with a key that VAULT_KEYS no longer holds."""

    code, title = "seal_broken", "A stored secret cannot be opened."


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.VAULT_KEYS])


def seal(plaintext: str) -> bytes:
    """Return the encrypted form of `plaintext`."""
    return _fernet().encrypt(plaintext.encode())


def open_sealed(token: bytes) -> str:
    """Return what was sealed. Raises SealBroken."""
    try:
        return _fernet().decrypt(bytes(token)).decode()
    except InvalidToken as error:
        raise SealBroken("Put the former key back at the end of VAULT_KEYS, then rotate.") from error


def rotate(token: bytes) -> bytes:
    """Return the secret sealed anew with the first key. Raises SealBroken."""
    try:
        return _fernet().rotate(bytes(token))
    except InvalidToken as error:
        raise SealBroken("Put the former key back at the end of VAULT_KEYS, then rotate.") from error
