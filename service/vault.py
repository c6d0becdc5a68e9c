"""Secrets that must be used again, encrypted at rest with keys that can be replaced.

`settings.VAULT_KEYS` lists Fernet keys: the first encrypts, all decrypt. To replace a key: put the new one
first, restart, move every row to it (`manage.py rotate_secrets`, which calls `rotate`), then drop the old.
A sealed token is Fernet's text as bytes; it carries no key and may be stored in any column.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class SealBroken(Exception):
    """A stored secret cannot be opened with any key of VAULT_KEYS."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be opened: its key is not in VAULT_KEYS, or the row was altered. "
            "Put the former key back at the end of VAULT_KEYS and run `manage.py rotate_secrets`; "
            "if the key is lost, have the secret entered again."
        )


def new_key() -> str:
    """Return a fresh key for VAULT_KEYS."""
    return Fernet.generate_key().decode()


def seal(plaintext: str) -> bytes:
    """Return `plaintext` encrypted and authenticated with the first key. Two calls never agree."""
    return _vault().encrypt(plaintext.encode())


def open_sealed(token: bytes | memoryview) -> str:
    """Return what was sealed. Raises SealBroken when no key opens it."""
    try:
        return _vault().decrypt(bytes(token)).decode()
    except InvalidToken:
        raise SealBroken from None


def rotate(token: bytes | memoryview) -> bytes:
    """Return the same secret sealed with the first key. Raises SealBroken when no key opens it."""
    try:
        return _vault().rotate(bytes(token))
    except InvalidToken:
        raise SealBroken from None


def check_keys(keys: tuple[str, ...]) -> None:
    """Raise ImproperlyConfigured, saying what to do, unless `keys` are one or more Fernet keys."""
    _fernets(keys)


def _vault() -> MultiFernet:
    return _fernets(tuple(settings.VAULT_KEYS))


@lru_cache(maxsize=8)
def _fernets(keys: tuple[str, ...]) -> MultiFernet:
    make = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    if not keys:
        raise ImproperlyConfigured(f"VAULT_KEYS is empty. Make a key with {make}")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ImproperlyConfigured(
            f"VAULT_KEYS must be url-safe base64 of 32 bytes each, parted by commas. Make a key with {make}"
        ) from None
