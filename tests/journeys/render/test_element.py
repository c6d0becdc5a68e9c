from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.render.element import Markup, el, join, number, safe_href


@pytest.mark.parametrize(
    ("drawn", "markup"),
    [
        (el("p"), "<p></p>"),
        (el("br"), "<br/>"),
        (el("path", {"d": "M0 0"}), '<path d="M0 0"/>'),
        (el("p", {"a": None, "b": 1.50, "c": 2}, "x"), '<p b="1.5" c="2">x</p>'),
        (el("p", None, "<i>", el("i", None, "&"), None), "<p>&lt;i&gt;<i>&amp;</i></p>"),
        (el("p", {"title": "\"'<>&"}), '<p title="&quot;&#39;&lt;&gt;&amp;"></p>'),
        (join("a<", Markup("<b/>")), "a&lt;<b/>"),
    ],
)
def test_markup(drawn: Markup, markup: str) -> None:
    assert drawn == markup


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_comes_back_or_is_replaced(content: str, value: str) -> None:
    read = ElementTree.fromstring(el("p", {"title": value}, content))
    assert "".join(read.itertext()).replace("\n", "") == _kept(content)
    assert len(read) == 0


def _kept(text: str) -> str:
    """Return what XML carries of a text; it reads \\r as \\n, left out here on both sides."""
    legal = (c if c in "\t\n\r" or (ord(c) >= 32 and not _lost(ord(c))) else "\ufffd" for c in text)
    return "".join(legal).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "")


def _lost(code: int) -> bool:
    return 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (-0.0, "0"), (1.005, "1"), (12.3, "12.3"), (0.126, "0.13"), (1000.0, "1000")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    "href", ["https://example.org/a?b#c", "HTTP://x", "mailto:a@b", "/v1/kpis", "?format=svg", "#t"]
)
def test_addresses_to_follow(href: str) -> None:
    assert safe_href(href) == href


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        " JavaScript:x",
        "data:text/html,x",
        "//elsewhere",
        "/\\elsewhere",
        "",
        "vbscript:x",
    ],
)
def test_addresses_not_to_follow(href: str) -> None:
    assert safe_href(href) is None
