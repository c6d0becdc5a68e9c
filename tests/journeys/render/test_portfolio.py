"""Maps side by side, drawn: well formed, escaped, in words, with the style that the policy names."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from journeys.render.face import Link
from journeys.render.palette import SIGNS
from journeys.render.portfolio import (
    CONTENT_SECURITY_POLICY,
    Cell,
    Figure,
    Grid,
    Line,
    Portfolio,
    render_html,
    render_svg,
)
from journeys.render.portfolio.bar import bar

HOSTILE = "<script>alert(1)</script> & \x00 \u202e \U0001f600"


def portfolio(text: str) -> Portfolio:
    lines = [
        Line(
            name=text,
            href="javascript:alert(1)",
            owner=text,
            standing=one,
            parts=[(one, 3), ("ok", 1)],
            judged=text,
            breaches=[Figure(text, text), Figure(text, text, places=2)] * 3,
            in_breach=20,
            stalest=Figure(text, text),
            sources=[text],
            findings=text,
            researched=0.25,
            evidence=text,
            review=text,
            overdue=True,
        )
        for one in SIGNS
    ]
    links = [Link(label=text, href="javascript:alert(1)"), Link(label="SVG", href="/view/x/overview.svg")]
    return Portfolio(
        text, lines, [Grid(text, [text, text], [(text, [Cell("ok", text), Cell(None)])])], text, links
    )


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


def test_the_maps_that_hurt_come_first_and_the_rest_as_they_came() -> None:
    lines = portfolio("x").lines
    named = [replace(line, name=f"{place} {line.standing}") for place, line in enumerate(reversed(lines))]
    shown = Portfolio("Overview", named, [])
    assert [line.standing for line in shown.worst_first] == list(SIGNS)
    for drawn in (render_html(shown), render_svg(shown)):
        assert drawn.index("7 breach") < drawn.index("6 warn") < drawn.index("0 unjudged")


@pytest.mark.parametrize(
    ("parts", "widths"),
    [
        ([], []),
        ([("ok", 0)], []),
        ([("ok", 5)], [100.0]),
        ([("ok", 1), ("breach", 1)], [49.5, 49.5]),
        ([("ok", 9999), ("breach", 1)], [3.01, 95.99]),
    ],
)
def test_a_bar_is_as_wide_as_it_may_be_and_shows_its_least_part(parts: Any, widths: list[float]) -> None:
    rects = [ElementTree.fromstring(one) for one in bar(parts, 100, 5)]
    assert [float(one.attrib["width"]) for one in rects] == widths
    if rects:
        last = rects[-1].attrib
        assert float(last["x"]) + float(last["width"]) == pytest.approx(100)


def test_an_audience_finds_the_other_forms_at_the_foot() -> None:
    page = render_html(portfolio("x"))
    assert '<a href="/view/x/overview.svg">SVG</a>' in page


def test_a_name_is_cut_before_what_is_told_of_it() -> None:
    """A picture has no room for all, but a figure without its value, or its day, says nothing."""
    (line, *_) = portfolio("x").lines
    name = "How many of those who began to apply came to the end of the form"
    named = replace(line, breaches=[Figure(name, "20.0 %", places=2)], stalest=Figure(name, "week to 15 Nov"))
    shown = render_svg(Portfolio("Overview", [named], []))
    assert [told in shown for told in ("20.0 % at 2 places", "and 18 more", "week to 15 Nov")] == [True] * 3
    page = render_html(Portfolio("Overview", [replace(named, breaches=line.breaches)], []))
    assert page.count("x at 2 places") == 2
    assert "and 14 more" in page
