"""Emotions as typed into a table: a figure or a word, on a scale that is named, given or guessed."""

from __future__ import annotations

from typing import Any

from journeys.document.emotion import FIVE_WORDS, PLUTCHIK, scale_of
from journeys.formats.feelings import Felt, guess_scale, is_scale
from journeys.formats.feelings import emotion as as_felt
from journeys.formats.wording import slug

from .members import Unreadable, number


def emotion_of(cell: str, scale: str) -> dict[str, Any]:
    """Return the raw emotion of a cell; `scale` "" is settled later for a figure, by the word for a word."""
    try:
        figure = number(cell)
    except Unreadable:
        word = cell.strip() if scale else slug(cell)
        known = scale or ("five-words" if word in FIVE_WORDS else "named")
        found: dict[str, Any] = {"word": word, "scale": known}
        if known == "named" and word not in PLUTCHIK and not scale:
            found["label"] = cell.strip()
        return found
    return {"value": figure, "scale": scale} if scale else {"value": figure}


def settle(emotions: list[dict[str, Any]], given: str) -> str:
    """Give figures without a scale the one given, or the smallest usual one that all stand on; return it.

    On a scale "low..high" that the document lacks they are restated as sentiment. A figure beyond a given one
    stays as it is, and the document refuses it where it stands.
    """
    waiting = [emotion for emotion in emotions if "value" in emotion and "scale" not in emotion]
    if not waiting:
        return ""
    scale = given or guess_scale(emotion["value"] for emotion in waiting)
    is_restated = scale_of(scale) is None and is_scale(scale)
    for emotion in waiting:
        emotion["scale"] = scale
        if is_restated and (restated := as_felt(Felt(figure=emotion["value"]), scale)) is not None:
            emotion.update(restated)
    return scale
