"""Personal data in free text: found by its form, and hidden behind what it was.

    >>> hidden("Call +44 20 7946 0958 or mail ada@example.org", KINDS)
    'Call [phone] or mail [email]'

Cards have to pass Luhn's check and accounts ISO 7064's, so order numbers stay. Names and addresses
have no form that could be found; where in doubt about a phone number, it is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

KINDS = ("email", "iban", "card", "phone")

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}(?![^\W_])")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_PHONE = re.compile(
    r"(?<![\w+])(?:"
    r"(?:\+|00)[1-9](?:[ ()./-]{0,3}[0-9]){6,13}"  # international
    r"|\(?0[1-9][0-9]{1,4}\)?(?:[ ./-]{0,2}[0-9]){5,9}"  # with a trunk's 0
    r"|\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}"  # North America
    r")(?![0-9])"
)


def hidden(text: str, kinds: Collection[str]) -> str:
    """Return the text with what is of these kinds replaced by its kind in brackets. Idempotent."""
    before = None
    while before != text:
        before = text
        for kind in KINDS:
            if kind in kinds:
                text = _FINDERS[kind](text)
    return text


def _emails(text: str) -> str:
    return _EMAIL.sub("[email]", text) if "@" in text else text


def _phones(text: str) -> str:
    return _PHONE.sub("[phone]", text)


def _cards(text: str) -> str:
    return _CARD.sub(lambda found: "[card]" if _is_card(found[0]) else found[0], text)


def _ibans(text: str) -> str:
    return _IBAN.sub(_without_iban, text)


def _without_iban(found: re.Match[str]) -> str:
    """An account number may be followed by words in its own alphabet: the longest part that checks is it."""
    whole = found[0]
    for end in range(len(whole), 14, -1):
        if (end == len(whole) or not whole[end].isalnum()) and _is_iban(whole[:end]):
            return "[iban]" + whole[end:]
    return whole


def _is_card(text: str) -> bool:
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


_FINDERS: Mapping[str, Callable[[str], str]] = {
    "email": _emails,
    "iban": _ibans,
    "card": _cards,
    "phone": _phones,
}
