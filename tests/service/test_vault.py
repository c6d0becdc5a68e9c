"""The vault: what is sealed opens, with old keys too; what does not open says what to do."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from service.vault import SealBroken, check_keys, new_key, open_sealed, rotate, seal


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_and_shows_nothing(plaintext: str) -> None:
    token = seal(plaintext)
    assert open_sealed(token) == plaintext
    assert open_sealed(memoryview(token)) == plaintext
    assert token != seal(plaintext)
    assert len(plaintext) < 4 or plaintext.encode() not in token


def test_a_new_first_key_encrypts_and_the_old_one_still_opens(settings: Any) -> None:
    old, new = new_key(), new_key()
    settings.VAULT_KEYS = [old]
    token = seal("whsec_abc")
    settings.VAULT_KEYS = [new, old]
    assert open_sealed(token) == "whsec_abc"
    moved = rotate(token)
    settings.VAULT_KEYS = [new]
    assert open_sealed(moved) == "whsec_abc"
    for broken in (lambda: open_sealed(token), lambda: rotate(token)):
        with pytest.raises(SealBroken, match="Put the former key back at the end of VAULT_KEYS"):
            broken()


def test_an_altered_token_does_not_open_and_the_error_does_not_show_it() -> None:
    token = seal("pa55phrase")
    for altered in (
        b"",
        b"x",
        b"\xff",
        token[:-5],
        b"AAAA" + token[4:],
        token[:-8] + b"AAAA" + token[-4:],
        token.upper(),
    ):
        with pytest.raises(SealBroken) as caught:
            open_sealed(altered)
        assert "pa55phrase" not in str(caught.value)
        assert altered.decode("latin-1") not in str(caught.value) or len(altered) < 2


@pytest.mark.parametrize("keys", [[], ["short"], [new_key(), "é" * 44], [new_key()[:-2]]])
def test_keys_that_are_none_are_refused_with_how_to_make_one(settings: Any, keys: list[str]) -> None:
    settings.VAULT_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="Make a key with"):
        seal("x")
    with pytest.raises(ImproperlyConfigured, match="VAULT_KEYS"):
        check_keys(tuple(keys))
