"""render_svg: a map and its figures as one picture, read by eye, by screen reader and by drawing programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from journeys.document.shape import Document
from journeys.render.board import Board, StageBoard, board
from journeys.render.element import Attributes, el, number
from journeys.render.face import Face
from journeys.render.mark import Mark
from journeys.render.palette import SIGNS
from journeys.render.words import feeling

from .band import band
from .head import empty, foot, ground, head
from .plan import bands
from .style import style

_MARGIN = 24.0
_GAP = 16.0
_LEAST = 760.0


def render_svg(document: Document, marks: Sequence[Mark], face: Face) -> str:
    """Return the picture: same arguments, same bytes. User units are CSS pixels."""
    shown = board(document, marks, face)
    strips = bands(shown)
    inner = max([_LEAST, *(strip.width for strip in strips)])
    rtl = shown.dir == "rtl"
    blocks = [head(shown, inner), *(band(shown, strip) for strip in strips)]
    if not strips:
        blocks.append(empty(shown, inner))
    if shown.unplaced:
        blocks.append(foot(shown, inner))
    x, y, placed = (_MARGIN + inner if rtl else _MARGIN), _MARGIN, []
    for block in blocks:
        placed.append(block.at(x, y))
        y += block.height + _GAP
    width, height = inner + 2 * _MARGIN, y - _GAP + _MARGIN
    size: Attributes = {"width": width, "height": height, "viewBox": f"0 0 {number(width)} {number(height)}"}
    root: Attributes = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "lang": shown.language}
    told = (
        el("title", {"id": "title"}, document.name),
        el("desc", {"id": "story"}, "\n".join(_story(shown))),
    )
    named: Attributes = {"aria-labelledby": "title", "aria-describedby": "story"}
    sheet = el("style", None, style(face.theme))
    return f"{el('svg', root | size | named, *told, sheet, ground(width, height), *placed)}\n"


def _story(shown: Board) -> Iterator[str]:
    """Yield the picture in words: what it is, how it does, then stage by stage."""
    yield f"Journey map with {len(shown.stages)} stages."
    if shown.counts:
        yield (
            "Figures: "
            + ", ".join(f"{count} {SIGNS[word].word}" for word, count in shown.counts.items())
            + "."
        )
    if shown.marks:
        yield f"The whole journey: {_figures(shown.marks)}."
    for stage in shown.stages:
        yield from _stage(shown, stage)
    if shown.unplaced:
        yield f"Without a place on this version: {_figures(shown.unplaced)}."


def _stage(shown: Board, stage: StageBoard) -> Iterator[str]:
    own = f" ({_figures(stage.marks)})" if stage.marks else ""
    yield f"Stage {stage.index + 1}, {stage.stage.name}{own}:"
    for column in stage.columns:
        told = [
            f"{curve.label} {feeling(value)}"
            for curve in shown.feelings.curves
            if (value := curve.values[column.index]) is not None
        ]
        if column.marks:
            told.append(_figures(column.marks))
        yield f"{column.touchpoint.name}{': ' if told else ''}{'; '.join(told)}."


def _figures(marks: Sequence[Mark]) -> str:
    said = []
    for mark in marks:
        value = f" {mark.value}" if mark.is_shown else ""
        said.append(f"{mark.label}{value}, {SIGNS[mark.standing].word}")
    return "; ".join(said)
