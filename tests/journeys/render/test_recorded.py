"""How feelings were recorded, what entries rest on and what becomes of them: told in words on the page."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.document.emotion import SCALES
from journeys.document.validate import parse
from journeys.render.face import Face
from journeys.render.html.page import render_html

from .reading import read_page, words

PAIN = "01900000-0000-7000-8000-0000000000aa"


def page(touchpoint: dict[str, Any], **members: Any) -> str:
    document = {
        "name": "m",
        **members,
        "stages": [{"name": "s", "touchpoints": [{"name": "t", **touchpoint}]}],
    }
    return " ".join(words(read_page(render_html(parse(document), (), Face()))).split())


EMOTIONS = {
    "sentiment": ({"value": -0.5, "intensity": 0.4}, "everyone −0.5", "everyone intensity 40 %"),
    "smaply": ({"value": -1}, "everyone −0.5", "everyone −1 on a scale from −2 to 2"),
    "mermaid": ({"value": 4}, "everyone +0.5", "everyone 4 on a scale from 1 to 5"),
    "five-words": ({"word": "very-negative"}, "everyone −1.0 (very negative)", "everyone very negative"),
    "lines-10": ({"value": 10}, "everyone +1.0", "everyone 10 on a scale from 1 to 10"),
    "dimensional": (
        {"value": 0.5, "arousal": -0.25, "dominance": 1},
        "everyone +0.5",
        "everyone 0.5 on a scale from −1 to 1, arousal −0.2, dominance +1.0",
    ),
    "named": ({"word": "anticipation", "intensity": 1}, "everyone (anticipation)", "intensity 100 %"),
    "dramatic-arc": ({"value": 4}, "everyone (intensity 75 %)", "everyone 4 on a scale from 1 to 5"),
}


def test_every_scale_is_shown() -> None:
    assert set(EMOTIONS) == {scale.key for scale in SCALES}


@pytest.mark.parametrize("scale", EMOTIONS)
def test_a_feeling_is_shown_on_the_curve_and_as_it_was_recorded(scale: str) -> None:
    emotion, drawn, recorded = EMOTIONS[scale]
    shown = page({"emotions": [{"scale": scale, **emotion}]})
    assert drawn in shown
    assert recorded in shown


def test_gaps_are_told_in_words() -> None:
    shown = page({"importance": 0.9, "expectation": 0.8, "perception": 0.5})
    assert "Gap 30 % worse than expected" in shown
    assert "Against importance 40 % less good than it matters" in shown
    better = page({"importance": 0.2, "expectation": 0.5, "perception": 0.6})
    assert "10 % better than expected" in better
    assert "Against importance" not in better
    assert "as expected" in page({"expectation": 0.5, "perception": 0.5})


def test_evidence_names_its_cluster_and_an_opportunity_what_becomes_of_it() -> None:
    cluster = {
        "key": "letters",
        "label": "Letters frighten",
        "description": "Nine of twelve.",
        "notes": [{"text": "I read it thrice", "participant": "P4", "date": "2026-02-11"}],
    }
    shown = page(
        {
            "pains": [{"id": PAIN, "text": "Frightening", "cluster": "letters", "evidence": "observed"}],
            "opportunities": [
                {
                    "text": "Write plainly",
                    "status": "in-progress",
                    "addresses": [PAIN],
                    "ticket": "https://x.org/7",
                }
            ],
        },
        clusters=[cluster],
    )
    assert "observed · Letters frighten" in shown
    assert "in progress · settles “Frightening” · ticket" in shown
    assert "Letters frighten Nine of twelve. I read it thrice" in shown
    assert "P4 · 11 Feb 2026" in shown


def test_the_map_says_what_counts_and_which_words_it_follows() -> None:
    outcome = {"event": "Moved in", "description": "Not before the keys."}
    shown = page({}, outcome=outcome, stage_vocabulary="flywheel")
    assert "Counts as success Moved in – Not before the keys." in shown
    assert "Stages follow Flywheel, in a circle" in shown
    assert "Stages follow Ours" in page({}, stage_vocabulary="ours")
