"""Contrast by WCAG 2.2: 4.5 : 1 for text (1.4.3), 3 : 1 for lines and points that mean something (1.4.11)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from journeys.render.palette import DARK, LIGHT, PERSONA_ROLES, SIGNS, SURFACES, TEXTS

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@THEMES
@pytest.mark.parametrize("role", TEXTS)
def test_text_is_legible_on_every_surface(theme: Mapping[str, str], role: str) -> None:
    surfaces = (*SURFACES, "flash", "low")
    assert min(contrast(theme[role], theme[surface]) for surface in surfaces) >= 4.5


@THEMES
@pytest.mark.parametrize("role", ["edge", "gap"])
def test_lines_that_mean_something_are_visible(theme: Mapping[str, str], role: str) -> None:
    least = 3.0 if role == "edge" else 2.5  # a gap is also said in words
    assert min(contrast(theme[role], theme[surface]) for surface in SURFACES) >= least


def test_no_status_is_told_by_colour_alone() -> None:
    assert (
        len({sign.glyph for sign in SIGNS.values()})
        == len({sign.word for sign in SIGNS.values()})
        == len(SIGNS)
    )


def test_themes_have_the_same_roles() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert {*SURFACES, *TEXTS, *PERSONA_ROLES, *(sign.role for sign in SIGNS.values())} <= LIGHT.keys()
