"""What the label of a row says: the lane, and for feelings the persona and the scale.

"Feeling: Grace (1..5)", "Emotions (Omar)", "Mood (-2 to +2)", "Pains [hidden-pains]".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from journeys.formats.feelings import scale_hinted
from journeys.formats.lane_words import CUSTOM, lane_of

from .options import Options

_KEY = re.compile(r"(.*\S)\s*\[([a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?)\]\Z", re.DOTALL)
_BRACKETS = re.compile(r"(.*?)\s*\(([^()]*)\)\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Label:
    """lane: a word of `lane_words.LANES` or "custom:key". text: the label as it is shown."""

    lane: str
    text: str
    persona: str = ""
    scale: str = ""


def label_of(text: str, options: Options) -> Label:
    """Return what a row's label means; options go before guesses."""
    persona, scale, rest = _feeling(text)
    own = _KEY.match(text)
    if text in options.lanes:
        lane = options.lanes[text]
    elif own:
        lane, text = f"{CUSTOM}:{own[2]}", own[1]
    else:
        lane = lane_of(text)
        if lane == CUSTOM and lane_of(rest) != CUSTOM:
            lane = lane_of(rest)
    if lane != "emotions":
        return Label(lane, text)
    persona = options.personas.get(text, persona)
    return Label(lane, text, persona, options.emotion_scale or scale)


def _feeling(text: str) -> tuple[str, str, str]:
    """Return (persona, scale, the label without both)."""
    scale = persona = ""
    rest = text
    while match := _BRACKETS.match(rest):
        hinted = scale_hinted(match[2])
        if hinted and not scale:
            scale, rest = hinted, match[1]
        elif not hinted and not persona and match[1] and lane_of(match[1]) == "emotions":
            persona, rest = match[2].strip(), match[1]
        else:
            break
    head, sign, tail = rest.partition(":")
    if sign and tail.strip() and not persona and lane_of(head) == "emotions":
        persona, rest = tail.strip(), head
    return persona, scale, rest
