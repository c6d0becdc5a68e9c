"""Feelings as rows of a grid: one for each persona and scale."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.document.emotion import scale_of
from journeys.document.lanes import Emotion
from journeys.document.personas import PersonaEntry
from journeys.document.pointers import pointer
from journeys.document.shape import Document
from journeys.document.vocabularies import LANE_LABELS
from journeys.formats.base import Notice
from journeys.formats.feelings import Felt, felt

from .labels import label_of
from .options import Options
from .table import Spot, Table, add_row

_RANGES = {"sentiment": "-1..1", "smaply": "-2..2", "mermaid": "1..5"}


def add_feelings(table: Table, document: Document, spots: Sequence[Spot]) -> None:
    """Add a row for each persona and scale, in the order in which they are met."""
    rows: dict[str, list[list[str]]] = {}
    felt_by: set[str] = set()
    for place, spot in enumerate(spots):
        for index, emotion in enumerate(spot.touchpoint.emotions if spot.touchpoint else ()):
            where = spot.where + pointer("emotions", index)
            line = _feeling(table, emotion, where)
            if line:
                felt_by.add(emotion.persona)
                label = _feeling_label(table, document, emotion, where)
                rows.setdefault(label, [[] for _ in spots])[place].append(line)
    for label, cells in rows.items():
        add_row(table, label, ["\n".join(lines) for lines in cells])
    names: set[str] = set()
    for index, persona in enumerate(document.personas):
        if persona.name in names:
            detail = "Personas of one name read as one."
            table.losses.append(Notice(pointer("personas", index), "lossy", "same_name", detail))
        names.add(persona.name)
        if persona.name and str(persona.id) not in felt_by:
            detail = "A persona of whom no feeling is recorded has no row."
            table.losses.append(Notice(pointer("personas", index), "lossy", "no_feeling", detail))


def _feeling_label(table: Table, document: Document, emotion: Emotion, where: str) -> str:
    who = next((_called(p) for p in document.personas if emotion.persona in (str(p.id), p.key)), "")
    scale = emotion.scale if emotion.value is not None and not emotion.word else ""
    shown = f" ({_RANGES.get(scale) or scale})" if scale else ""
    label = f"{LANE_LABELS['emotions']}{': ' * bool(emotion.persona)}{who}{shown}"
    read = label_of(label, Options())
    if (read.persona, read.scale) == (who, scale):
        return label
    detail = "The name of this persona, or the scale, would not read back as it is."
    table.losses.append(Notice(where, "lossy", "feeling", detail))
    return f"{LANE_LABELS['emotions']}{shown}"


def _called(persona: PersonaEntry) -> str:
    return persona.name or persona.key or str(persona.id)


def _feeling(table: Table, emotion: Emotion, where: str) -> str:
    """Return the line of a cell, "" where a grid cannot say the emotion at all."""
    known = scale_of(emotion.scale)
    figure = repr(emotion.value).removesuffix(".0") if emotion.value is not None else ""
    said = emotion.word.replace("-", " ") if emotion.scale == "five-words" and emotion.word else emotion.word
    if not (figure or said) or known is None:
        table.losses.append(
            Notice(where, "lossy", "no_figure", "A feeling without figure or word has no cell.")
        )
        return ""
    line = said or figure
    if emotion.label:
        expected = Felt(
            label=emotion.label, **({"word": emotion.word} if said else {"figure": emotion.value})
        )
        labelled = f"{line} ({emotion.label})"
        if felt(labelled) == expected and "\n" not in labelled:
            return labelled
        table.losses.append(Notice(f"{where}/label", "lossy", "label", "This label would not read back."))
    return line
