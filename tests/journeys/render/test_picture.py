from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.document.shape import Document
from journeys.render.face import Face
from journeys.render.mark import Mark
from journeys.render.svg.picture import render_svg

from . import samples
from .documents import documents, marks
from .reading import SVG, cards, read_picture, words

GOLDEN = Path(__file__).parent / "golden" / "claim.svg"


def test_golden() -> None:
    """The picture of the claim, as it was looked at. REWRITE_GOLDEN=1 writes it anew: look at it then."""
    drawn = render_svg(samples.claim(), samples.claim_marks(), samples.face())
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(drawn, encoding="utf-8")
    assert drawn == GOLDEN.read_text(encoding="utf-8")


def test_is_read_as_a_picture_with_its_story() -> None:
    tree = read_picture(render_svg(samples.claim(), samples.claim_marks(), samples.face()))
    assert tree.get("role") == "img"
    assert (tree[0].tag, tree[0].text) == (f"{SVG}title", "Claiming a carer’s benefit online")
    story = tree[1].text or ""
    assert story.startswith("Journey map with 5 stages.\nFigures: 1 breach, 4 watch, 6 on target")
    assert "Care you provide: Grace −0.7; Omar −0.3; measured −0.9; Completion 62.3 %, breach" in story


def test_follows_the_readers_theme_unless_told() -> None:
    auto, dark = (render_svg(samples.claim(), (), Face(theme=theme)) for theme in ("auto", "dark"))
    assert "prefers-color-scheme:dark" in auto
    assert "prefers-color-scheme" not in dark
    assert "#161513" in dark


def test_withholds_a_number_without_base_or_age() -> None:
    drawn = render_svg(
        samples.claim(), [samples.mark(0, value="99.9 %", observed_at=None, status="breach")], Face()
    )
    assert "99.9" not in drawn
    assert "withheld" in drawn


def test_a_way_out_of_the_band_is_said_in_words() -> None:
    loop = [{"from": str(samples.element(19)), "to": str(samples.element(0)), "label": "again"}]
    drawn = render_svg(samples.plain(4, 5, transitions=loop), (), Face())
    assert "↪ back to Step 1 · again" in words(read_picture(drawn)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("document", "figures"),
    [
        (samples.claim(), samples.claim_marks()),
        (samples.arabic(), (samples.mark(1), samples.mark(1, "B"), samples.mark(2))),
        (
            samples.long_names(),
            (samples.mark(0, samples.LONG, samples.LONG), samples.mark(1, target=samples.LONG)),
        ),
        (samples.plain(12, 5), tuple(samples.mark(i, label) for i in range(60) for label in "ABC")),
        (Document(name="Empty"), (samples.mark(0),)),
    ],
    ids=["claim", "arabic", "long", "twelve", "empty"],
)
def test_figures_never_meet_and_stay_on_the_picture(document: Document, figures: tuple[Mark, ...]) -> None:
    tree = read_picture(render_svg(document, figures, Face()))
    width, height = float(tree.get("width", 0)), float(tree.get("height", 0))
    found = list(cards(tree))
    assert len(found) == len(figures)
    assert not [pair for pair in combinations(found, 2) if pair[0].meets(pair[1])]
    for box in found:
        assert box.left >= 0
        assert box.left + box.width <= width
        assert box.top >= 0
        assert box.top + box.height <= height


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.lists(marks(), max_size=8))
def test_any_document_and_any_figures(document: Document, figures: list[Mark]) -> None:
    drawn = render_svg(document, figures, Face())
    tree = read_picture(drawn)
    assert drawn == render_svg(document, figures, Face())
    assert len(list(cards(tree))) == len(figures)
    assert not [pair for pair in combinations(cards(tree), 2) if pair[0].meets(pair[1])]
    allowed = {"svg", "g", "rect", "path", "circle", "text", "title", "desc", "style"}
    assert {node.tag.removeprefix(SVG) for node in tree.iter()} <= allowed
    story = words(tree[1])
    for point in document.touchpoints():
        assert " ".join(point.name.split()) in story
