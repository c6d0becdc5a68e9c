"""Maps side by side, drawn: well formed, escaped, in words, with the style that the policy names."""

from __future__ import annotations

import base64
import hashlib
import re
from xml.etree import ElementTree

import pytest

from journeys.render.palette import SIGNS
from journeys.render.portfolio import (
    CONTENT_SECURITY_POLICY,
    Cell,
    Grid,
    Line,
    Portfolio,
    render_html,
    render_svg,
)

HOSTILE = "<script>alert(1)</script> & \x00 \u202e \U0001f600"


def portfolio(text: str) -> Portfolio:
    lines = [
        Line(text, "javascript:alert(1)", text, one, text, [text] * 3, text, [text], text, text, text, True)
        for one in SIGNS
    ]
    return Portfolio(text, lines, [Grid(text, [text, text], [(text, [Cell("ok", text), Cell(None)])])], text)


@pytest.mark.parametrize("render", [render_html, render_svg])
def test_what_maps_say_stays_text(render: object) -> None:
    assert callable(render)
    shown = render(portfolio(HOSTILE))
    ElementTree.fromstring(shown.removeprefix("<!DOCTYPE html>"))
    assert "<script" not in shown
    assert "javascript:" not in shown
    assert all(sign.word in shown for sign in SIGNS.values())
    assert shown == render(portfolio(HOSTILE))


@pytest.mark.parametrize("render", [render_html, render_svg])
def test_nothing_to_show_is_shown_too(render: object) -> None:
    assert callable(render)
    ElementTree.fromstring(render(Portfolio("Overview", [], [])).removeprefix("<!DOCTYPE html>"))


def test_the_policy_names_the_style_of_the_page() -> None:
    found = re.search(r"<style>(.*)</style>", render_html(Portfolio("Overview", [], [])), re.DOTALL)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in CONTENT_SECURITY_POLICY
