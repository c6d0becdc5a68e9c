"""Feelings as people write them: figures on a scale that is guessed, words, faces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from journeys.document.emotion import FIVE_WORDS, PLUTCHIK, scale_of
from journeys.formats.lane_words import words_of
from journeys.formats.texts import name_and_rest

_FIGURE = re.compile(
    r"\s*([+\-−–]?\d{1,9}(?:[.,]\d{1,40})?(?:[eE]-?\d{1,3})?)\s*(?:(?:/|of|von)\s*\d+|%)?\s*"
)
_TAIL = re.compile(r"[\s(\[:–—-]*(.*?)[\s)\]]*\Z", re.DOTALL)
_RANGE = re.compile(r"([+\-−–]?\d+(?:\.\d+)?)\s*(?:\.\.|…|–|—|-|to|bis|/)\s*([+\-−]?\d+(?:\.\d+)?)\Z")
FIGURE_MAX = 1e9
_MADE_OF_FIGURES = {(-1.0, 1.0): "sentiment", (-2.0, 2.0): "smaply", (1.0, 5.0): "mermaid"}

_FACES = {
    0: "😭😡🤬😠😤😱💔👿😖😫😩",
    1: "🙁☹😞😟😕😢😣😔👎😒😰😨🤨😓😥",
    2: "😐😑😶🤔😬😮🫤",
    3: "🙂😊☺👍😌🤗😀😉",
    4: "😃😄😁😍🤩🥳😆❤😂🎉💖",
}
_SAID = {
    0: "very negative|very bad|terrible|awful|angry|furious|very unhappy|very sad|hate|worst|"
    "very dissatisfied|desperate|outraged",
    1: "negative|bad|sad|unhappy|frustrated|annoyed|anxious|worried|confused|disappointed|dissatisfied|"
    "stressed|nervous|irritated|poor|impatient|uncertain|overwhelmed|bored|doubtful|sceptical|skeptical",
    2: "neutral|ok|okay|indifferent|mixed|so so|medium|average|curious|fair",
    3: "positive|good|happy|satisfied|hopeful|relieved|calm|interested|confident|content|pleased|optimistic|"
    "reassured|comfortable",
    4: "very positive|very good|great|excellent|delighted|very happy|very satisfied|excited|love|best|"
    "thrilled|amazed|enthusiastic|proud",
}
_BY_FACE: Mapping[str, str] = MappingProxyType(
    {face: FIVE_WORDS[place] for place, faces in _FACES.items() for face in faces}
)
_BY_SAID: Mapping[str, str] = MappingProxyType(
    {word: FIVE_WORDS[place] for place, words in _SAID.items() for word in words.split("|")}
)


@dataclass(frozen=True, slots=True)
class Felt:
    """What a cell says: a figure, or a word of five, or a word alone; `label` is the rest of the text."""

    figure: float | None = None
    word: str = ""
    label: str = ""


def felt(text: str) -> Felt:
    """Return what a line of a cell says; only a label where it is neither figure nor known word."""
    match = _FIGURE.match(text)
    if match:
        figure = float(match[1].replace(",", ".").replace("−", "-").replace("–", "-"))
        if abs(figure) <= FIGURE_MAX and not text[match.end(1) : match.end(1) + 1].isalpha():
            return Felt(figure=figure, label=_tail(text[match.end() :]))
    bare = text.replace("\ufe0f", "")
    for place, sign in enumerate(bare):
        if sign in _BY_FACE:
            return Felt(word=_BY_FACE[sign], label=_tail(bare[:place] + bare[place + 1 :]))
    head, _, tail = text.partition(" (")
    if words_of(head) in _BY_SAID:
        plain = words_of(head).replace(" ", "-") in FIVE_WORDS
        return Felt(word=_BY_SAID[words_of(head)], label=_tail(tail) if plain else _tail(text))
    if head in PLUTCHIK:
        return Felt(word=head, label=_tail(tail))
    return Felt(label=text)


def _tail(text: str) -> str:
    match = _TAIL.match(text)
    return name_and_rest(match[1] if match else text)[0]


def scale_hinted(hint: str) -> str:
    """Return the scale that a row's label names in brackets, "1–5" or "five-words"; "" for none."""
    if scale_of(hint):
        return hint
    match = _RANGE.match(hint.strip())
    if not match:
        return ""
    low, high = (float(end.replace("−", "-").replace("–", "-")) for end in match.groups())
    return scale_between(low, high) if low < high else ""


def scale_between(low: float, high: float) -> str:
    """Return the scale from `low` to `high`: one of the document's where there is one, else "low..high"."""
    if (low, high) in _MADE_OF_FIGURES:
        return _MADE_OF_FIGURES[low, high]
    if low == 1 and 2 <= high <= 100 and high == int(high):
        return f"lines-{int(high)}"
    return f"{low:g}..{high:g}"


def guess_scale(figures: Iterable[float]) -> str:
    """Return the smallest usual scale on which all figures stand: −1..1, −2..2, 1..5, 0..10, 1..10 …"""
    seen = list(figures)
    low, high = min(seen, default=0.0), max(seen, default=0.0)
    whole = all(figure == int(figure) for figure in seen)
    if low < 0:
        end = max(-low, high)
        if end <= 1:
            return "sentiment"
        return "smaply" if end <= 2 and whole else scale_between(-_round_up(end), _round_up(end))
    if high <= 1 and not whole:
        return "0..1"
    if low >= 1:
        return "mermaid" if high <= 5 else "lines-10" if high <= 10 else scale_between(1, _round_up(high))
    if whole and high <= 2:
        return "smaply"
    return scale_between(0, 5 if high <= 5 else 10 if high <= 10 else _round_up(high))


def _round_up(end: float) -> float:
    return next((step for step in (2, 3, 5, 10, 100) if end <= step), float(int(end) + 1))


def emotion(said: Felt, scale: str) -> dict[str, Any] | None:
    """Return the emotion as the document has it; None where the figure does not stand on the scale.

    A scale "low..high" that the document lacks is restated as sentiment, −1 to +1.
    """
    raw: dict[str, Any] = {"label": said.label} if said.label else {}
    if said.word:
        named = "five-words" if said.word in FIVE_WORDS else "named"
        return {"scale": named, "word": said.word, **raw}
    if said.figure is None:
        return None
    known = scale_of(scale)
    if known is None:
        low, high = (float(end) for end in scale.split(".."))
        if not low <= said.figure <= high:
            return None
        return {"scale": "sentiment", "value": round(2 * (said.figure - low) / (high - low) - 1, 6), **raw}
    if known.low is None or known.high is None or (known.whole and said.figure != int(said.figure)):
        return None
    if not known.clamps and not known.low <= said.figure <= known.high:
        return None
    return {"scale": scale, "value": said.figure, **raw}


def is_scale(scale: str) -> bool:
    """Return True for a scale of figures that `emotion` takes."""
    known = scale_of(scale)
    if known is not None:
        return known.low is not None
    match = re.fullmatch(r"(-?\d{1,9}(?:\.\d{1,9})?)\.\.(-?\d{1,9}(?:\.\d{1,9})?)", scale)
    return match is not None and float(match[1]) < float(match[2])
