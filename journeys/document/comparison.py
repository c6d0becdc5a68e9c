"""Two different maps side by side, stage by stage: what the stages of one vocabulary hold in each.

"Here" and "there" are the two maps. Stages are aligned by the words of the vocabulary: a stage is of the word
that its key or its name spells. Stages beyond the vocabulary are aligned with each other by key or name, and
come last. Feelings are valences −1 … +1 (`emotion`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from .diff import Match, Plain
from .elements import LANES
from .emotion import Course, course, normalise

_NO_WORD = re.compile(r"\W+")
By = Literal["id", "origin", "key", "name"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one map has at a stage: several stages where it has split the word, none where it lacks it.

    `items` counts entries by lane; `duration_s` adds up what is known, `importance` is a mean; None: nothing
    is known. `feeling` is the course over the touchpoints in their order.
    """

    stages: tuple[Plain, ...]
    touchpoints: tuple[Plain, ...]
    feeling: Course
    items: Mapping[str, int]
    moments_of_truth: int
    back_stage: int
    duration_s: float | None
    importance: float | None
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A touchpoint that both maps have, with what tells so, and its feelings."""

    here: Plain
    there: Plain
    by: By
    feeling_here: float | None
    feeling_there: float | None


@dataclass(frozen=True, slots=True)
class Aligned:
    """One word of the vocabulary in both maps. `position` is None beyond the vocabulary."""

    word: str
    label: str
    position: int | None
    here: Side
    there: Side
    both: tuple[Pair, ...]
    only_here: tuple[Plain, ...]
    only_there: tuple[Plain, ...]


def compare(
    here: Plain, there: Plain, words: Mapping[str, str], known: Iterable[Match]
) -> tuple[Aligned, ...]:
    """Return the stages of both documents, aligned, in the order of the vocabulary's `words` ({word: label}).

    `known` are elements that are the same (source here, target there). Words that neither has are left out.
    """
    sides = _grouped(here, words), _grouped(there, words)
    own = list(words) + [word for side in sides for word in side if word not in words]
    same = {match.source: (match.target, match.by) for match in known}
    return tuple(
        _aligned(word, words, sides[0].get(word, ()), sides[1].get(word, ()), same)
        for word in dict.fromkeys(own)
        if word in sides[0] or word in sides[1]
    )


def feeling_of(touchpoint: Plain) -> float | None:
    """Return the mean valence of a touchpoint's emotions, None where nothing with a sign is recorded."""
    felt = (
        normalise(one.get("value"), one.get("scale", "sentiment"), one.get("word", "")).valence
        for one in touchpoint.get("emotions", ())
    )
    signed = [value for value in felt if value is not None]
    return fmean(signed) if signed else None


def _grouped(document: Plain, words: Mapping[str, str]) -> dict[str, list[Plain]]:
    found: dict[str, list[Plain]] = {}
    for stage in document.get("stages", ()):
        found.setdefault(word_of(stage, words), []).append(stage)
    return found


def word_of(stage: Plain, words: Mapping[str, str]) -> str:
    """Return the word of a vocabulary (word → label) that a stage bears by key or name; else its own."""
    names = [stage.get("key", ""), _slug(stage["name"])]
    labels = {_slug(label): word for word, label in words.items()}
    for name in names:
        if word := name if name in words else labels.get(name):
            return word
    return next((name for name in names if name), str(stage["name"]))


def _aligned(
    word: str,
    words: Mapping[str, str],
    here: Sequence[Plain],
    there: Sequence[Plain],
    same: Mapping[str, tuple[str, By]],
) -> Aligned:
    one, other = _side(here), _side(there)
    both = _pairs(one.touchpoints, other.touchpoints, same)
    met = {id(pair.here) for pair in both} | {id(pair.there) for pair in both}
    return Aligned(
        word,
        words.get(word) or (here or there)[0]["name"],
        list(words).index(word) if word in words else None,
        one,
        other,
        both,
        tuple(t for t in one.touchpoints if id(t) not in met),
        tuple(t for t in other.touchpoints if id(t) not in met),
    )


def _side(stages: Sequence[Plain]) -> Side:
    touchpoints = tuple(t for stage in stages for t in stage.get("touchpoints", ()))
    durations = [t["duration_s"] for t in touchpoints if "duration_s" in t]
    weights = [t["importance"] for t in touchpoints if "importance" in t]
    return Side(
        tuple(stages),
        touchpoints,
        course([feeling_of(t) for t in touchpoints]),
        {lane: sum(len(t.get(lane, ())) for t in touchpoints) for lane in LANES},
        sum(bool(t.get("moment_of_truth")) for t in touchpoints),
        sum(t.get("visibility") == "back" for t in touchpoints),
        sum(durations) if durations else None,
        fmean(weights) if weights else None,
        tuple(dict.fromkeys(channel for t in touchpoints for channel in t.get("channels", ()))),
    )


def _pairs(
    here: Sequence[Plain], there: Sequence[Plain], same: Mapping[str, tuple[str, By]]
) -> tuple[Pair, ...]:
    """Match by what is known first; then by equal names, each once."""
    by_id = {t["id"]: t for t in there}
    found: dict[str, tuple[Plain, By]] = {}
    for touchpoint in here:
        target, by = same.get(touchpoint["id"], ("", "id"))
        if target in by_id:
            found[touchpoint["id"]] = by_id.pop(target), by
    named = {_slug(t["name"]) or t["name"]: t for t in reversed(by_id.values())}
    for touchpoint in here:
        name = _slug(touchpoint["name"]) or touchpoint["name"]
        if touchpoint["id"] not in found and (match := named.pop(name, None)):
            found[touchpoint["id"]] = match, "name"
    return tuple(_pair(t, *found[t["id"]]) for t in here if t["id"] in found)


def _pair(here: Plain, there: Plain, by: By) -> Pair:
    return Pair(here, there, by, feeling_of(here), feeling_of(there))


def _slug(name: Any) -> str:
    return _NO_WORD.sub("-", str(name).casefold()).strip("-_")
