"""A document as a diagram: one score a task, and the people who feel it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import fmean

from journeys.document.elements import Touchpoint
from journeys.document.emotion import valence
from journeys.document.lanes import Emotion
from journeys.document.pointers import pointer
from journeys.document.shape import Document
from journeys.formats.base import Notice, Written
from journeys.formats.unsaid import lost, unsaid

from .numbers import spelled
from .reader import ACC_TITLE, PEOPLE, SCALE
from .text import escaped, escaped_lines, escaped_name

NEUTRAL = 3.0
_DIGITS = 2
_ELEMENT = frozenset({"name", "attributes"})
_SAID_OF_EMOTION = {"id", "scale", "value", "persona"}


def write_mermaid(document: Document) -> Written:
    """Write the diagram. Losses name every member that it leaves out, and every score that it had to make."""
    names = {str(persona.id): persona.name for persona in document.personas}
    names |= {persona.key: persona.name for persona in document.personas if persona.key}
    lines = ["journey", f"    title {escaped(document.name, also=':')}"]
    if text := document.attributes.get(ACC_TITLE, "").strip():
        lines.append(f"    accTitle: {escaped(text)}")
    if document.description.strip():
        lines.append(_description(document.description))
    for stage in document.stages:
        lines.append(f"    section {escaped(stage.name)}")
        lines += [f"      {_task(touchpoint, names)}" for touchpoint in stage.touchpoints]
    return Written(("\n".join(lines) + "\n").encode(), tuple(_losses(document)))


def _description(text: str) -> str:
    if "\n" not in text:
        return f"    accDescr: {escaped(text)}"
    return f"    accDescr {{\n{escaped_lines(text)}\n    }}"


def _task(touchpoint: Touchpoint, names: Mapping[str, str]) -> str:
    said = [f"{escaped_name(touchpoint.name)}: {spelled(score_of(touchpoint))}"]
    if people := people_of(touchpoint, names):
        said.append(", ".join(escaped(person, also=",") for person in people))
    return ": ".join(said)


def score_of(touchpoint: Touchpoint) -> float:
    """Return the one score of a task: as recorded where there is one, else the mean on Mermaid's scale."""
    scores = {e.value for e in touchpoint.emotions if e.scale == SCALE}
    if len(scores) == 1 and all(e.scale == SCALE for e in touchpoint.emotions):
        return scores.pop() or NEUTRAL
    felt = [value for value in map(valence, touchpoint.emotions) if value is not None]
    return round(2 * fmean(felt) + NEUTRAL, _DIGITS) if felt else NEUTRAL


def people_of(touchpoint: Touchpoint, names: Mapping[str, str]) -> list[str]:
    """Return the names of those who feel something there, or of those whom an import kept by name."""
    felt = [names[e.persona] for e in touchpoint.emotions if names.get(e.persona, "").strip()]
    kept = touchpoint.attributes.get(PEOPLE, "").split(", ") if PEOPLE in touchpoint.attributes else []
    return list(dict.fromkeys([*felt, *(person for person in kept if person.strip())]))


def _losses(document: Document) -> Iterator[Notice]:
    said = {"name", "description", "attributes"}
    yield from unsaid(document, root=said, stage=_ELEMENT, touchpoint=_ELEMENT | {"emotions"})
    yield from _attributes(document.attributes, "", {ACC_TITLE})
    for s, stage in enumerate(document.stages):
        where = pointer("stages", s)
        yield from _attributes(stage.attributes, where, set())
        for t, touchpoint in enumerate(stage.touchpoints):
            inner = where + pointer("touchpoints", t)
            yield from _attributes(touchpoint.attributes, inner, {PEOPLE})
            yield from _feelings(touchpoint, inner)


def _attributes(attributes: Mapping[str, str], where: str, said: set[str]) -> Iterator[Notice]:
    for name in attributes:
        if name not in said:
            yield lost(where + pointer("attributes", name), "not_said", "Attributes have no place there.")


def _feelings(touchpoint: Touchpoint, where: str) -> Iterator[Notice]:
    """Tell what becomes of the emotions of a touchpoint where one score does not say them all."""
    place = where + pointer("emotions")
    score = spelled(score_of(touchpoint))
    if not touchpoint.emotions:
        yield lost(place, "score_made_up", f"No feeling is recorded; {score} (neutral) is written.")
        return
    if not all(e.scale == SCALE and e.value is not None for e in touchpoint.emotions):
        yield lost(place, "scale_converted", f"Scales other than Mermaid's 1 to 5 become one score: {score}.")
    elif len({e.value for e in touchpoint.emotions}) > 1:
        yield lost(place, "score_averaged", f"There is one score a task: {score} is the mean.")
    personas = [e.persona for e in touchpoint.emotions]
    if len(personas) > 1 and "" in personas:
        yield lost(place, "people_not_told_apart", "What all feel and what one persona feels become one.")
    if len(set(personas)) < len(personas):
        yield lost(place, "feelings_merged", "Several feelings of one persona become one.")
    for index, emotion in enumerate(touchpoint.emotions):
        yield from _emotion(emotion, place + pointer(index))


def _emotion(emotion: Emotion, where: str) -> Iterator[Notice]:
    for name, info in type(emotion).model_fields.items():
        if name not in _SAID_OF_EMOTION and getattr(emotion, name) != info.get_default():
            yield lost(where + pointer(name), "not_said", f"`{name}` has no place there.")
