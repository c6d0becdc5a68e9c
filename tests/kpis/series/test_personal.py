"""Personal data is hidden by its form; what only looks like it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.series.personal import KINDS, hidden


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Mail ada.l+x@example.co.uk, please", "Mail [email], please"),
        ("<ada@example.org>", "<[email]>"),
        ("jürgen@müller.de", "[email]"),
        ("Call +44 20 7946 0958.", "Call [phone]."),
        ("tel:0049 (0)30 901820", "tel:[phone]"),
        ("my number is 030/901820-55", "my number is [phone]"),
        ("(212) 555-0187 or 415-555-0132", "[phone] or [phone]"),
        ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
        ("5500-0000-0000-0004", "[card]"),
        ("IBAN DE89 3704 0044 0532 0130 00 was wrong", "IBAN [iban] was wrong"),
        ("gb82west12345698765432", "[iban]"),
        # no personal data
        ("order 4111111111111112 is late", "order 4111111111111112 is late"),
        ("on 2026-11-22 at 14:30, 3 of 12", "on 2026-11-22 at 14:30, 3 of 12"),
        ("a @ b, 10/10, 100.000,00", "a @ b, 10/10, 100.000,00"),
        ("DE00 3704 1144 1532 1130 11", "DE00 3704 1144 1532 1130 11"),
    ],
)
def test_what_is_hidden(text: str, seen: str) -> None:
    assert hidden(text, KINDS) == seen


def test_only_what_is_asked_for_is_hidden() -> None:
    text = "ada@example.org 4111111111111111"
    assert hidden(text, ["card"]) == "ada@example.org [card]"
    assert hidden(text, []) == text


@given(st.text(alphabet="0123456789 +-()./@abDE[]phone", max_size=80))
def test_what_is_hidden_stays_as_it_is(text: str) -> None:
    once = hidden(text, KINDS)
    assert hidden(once, KINDS) == once
