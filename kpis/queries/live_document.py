"""What the live part must know of a version's document, read once per digest and then kept.

The document itself goes out as the bytes that it is; this reads only places, names, personas' selectors
and drawn emotions.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

import msgspec

from journeys.document.emotion import normalise
from service.errors import NotFound
from service.kept import Kept


class _Emotion(msgspec.Struct):
    scale: str = "sentiment"
    value: float | None = None
    word: str = ""
    persona: str = ""


class _Touchpoint(msgspec.Struct):
    id: uuid.UUID
    emotions: tuple[_Emotion, ...] = ()


class _Stage(msgspec.Struct):
    id: uuid.UUID
    key: str = ""
    touchpoints: tuple[_Touchpoint, ...] = ()


class _Persona(msgspec.Struct):
    id: uuid.UUID
    key: str = ""
    selector: dict[str, str] = msgspec.field(default_factory=dict)


class _Document(msgspec.Struct):
    name: str
    stages: tuple[_Stage, ...] = ()
    personas: tuple[_Persona, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A stage (`stage` None) or a touchpoint of it. `drawn`: the emotion drawn there, -1..+1."""

    id: uuid.UUID
    stage: uuid.UUID | None
    drawn: float | None


@dataclass(frozen=True, slots=True)
class Places:
    """The elements of a version in the order drawn, as one persona (or nobody in particular) sees them.

    `selector` is that persona's. `stage` names the one stage that was asked for.
    """

    name: str
    elements: tuple[Place, ...]
    persona: uuid.UUID | None
    selector: Mapping[str, str]
    stage: uuid.UUID | None


Named = TypeVar("Named", _Stage, _Persona)
_decoder = msgspec.json.Decoder(_Document)
_kept: Kept[tuple[bytes, str, str], Places] = Kept(1024)


def places_of(digest: bytes, document: bytes, *, persona: str = "", stage: str = "") -> Places:
    """Return the places of a version's canonical bytes. Raises NotFound for a persona or stage it has not."""
    key = (digest, persona, stage)
    return _kept.get(key) or _kept.put(key, _read(_decoder.decode(document), persona, stage))


def _read(document: _Document, persona: str, stage: str) -> Places:
    seen = _named(document.personas, persona, "persona") if persona else None
    places: list[Place] = []
    for column in document.stages:
        felt = [_feeling(touchpoint, seen) for touchpoint in column.touchpoints]
        places.append(Place(column.id, None, _mean(felt)))
        places += [Place(t.id, column.id, own) for t, own in zip(column.touchpoints, felt, strict=True)]
    return Places(
        document.name,
        tuple(places),
        seen.id if seen else None,
        dict(seen.selector) if seen else {},
        _named(document.stages, stage, "stage").id if stage else None,
    )


def _named(known: Sequence[Named], ref: str, what: str) -> Named:
    for one in known:
        if ref in (str(one.id), one.key):
            return one
    raise NotFound(f"This version has no {what} {ref!r}.")


def _feeling(touchpoint: _Touchpoint, seen: _Persona | None) -> float | None:
    """The mean of what is recorded for the persona or for all; see journeys.document.emotion.feeling."""
    own = ("", str(seen.id)) if seen else None
    return _mean(
        [
            normalise(emotion.value, emotion.scale, emotion.word).valence
            for emotion in touchpoint.emotions
            if own is None or emotion.persona in own
        ]
    )


def _mean(felt: Sequence[float | None]) -> float | None:
    signed = [value for value in felt if value is not None]
    return round(fmean(signed), 4) if signed else None
