"""The whole journey in one line: its curve, small, over a link to each stage. On a phone, the way around."""

from __future__ import annotations

from journeys.render.board import Board, StageBoard
from journeys.render.element import Markup, el, join
from journeys.render.palette import SIGNS
from journeys.render.standing import worst

from .chip import sign
from .digits import digits
from .feeling import height, trace

WIDE = 12
"""Columns from which a large screen, too, shows the strip: more do not fit one view."""


def strip(board: Board) -> Markup | None:
    """Return the strip; None where there is no stage."""
    if not board.stages:
        return None
    wide = " wide" if len(board.slots) >= WIDE else ""
    home = el("li", {"class": "home"}, el("a", {"href": "#head"}, el("span", {"class": "name"}, "All")))
    links = (_stop(stage) for stage in board.stages)
    return el(
        "nav",
        {"class": f"strip{wide}", "aria-label": "Stages"},
        _line(board),
        el("ol", {"role": "list"}, home, *links),
    )


def _stop(stage: StageBoard) -> Markup:
    standing = worst(stage)
    mark = None
    if standing is not None:
        shown = SIGNS[standing]
        glyph = el("span", {"class": f"glyph is-{standing}", "aria-hidden": "true"}, shown.glyph)
        mark = join(glyph, el("span", {"class": "sr"}, f", {shown.word}"))
    link = el(
        "a",
        {"href": f"#{stage.anchor}"},
        el("span", {"class": "name", "dir": "auto"}, stage.stage.name),
        mark,
    )
    return el("li", {"class": digits(max(1, len(stage.columns)))}, link)


def toc(board: Board) -> Markup | None:
    """Return the stages with their standing, as a phone's first screen lists them."""
    if not board.stages:
        return None
    rows = []
    for stage in board.stages:
        standing = worst(stage)
        said = None if standing is None else sign(standing, SIGNS[standing].glyph, SIGNS[standing].word)
        rows.append(
            el("li", None, el("a", {"href": f"#{stage.anchor}"}, el("bdi", None, stage.stage.name), said))
        )
    return el(
        "nav", {"class": "toc", "aria-label": "Stages and how they do"}, el("ol", {"role": "list"}, *rows)
    )


def _line(board: Board) -> Markup | None:
    """Return the leading curve over all columns."""
    if not board.feelings.curves:
        return None
    lead = board.feelings.curves[0]
    box = {"viewBox": f"0 0 {len(board.slots) * 100} 100", "preserveAspectRatio": "none"}
    flip = {"transform": f"matrix(-1 0 0 1 {len(board.slots) * 100} 0)"} if board.dir == "rtl" else None
    path = el("path", {"class": f"line c-{lead.role}", "d": trace(lead.pieces, 0)})
    middle = el("line", {"class": "zero", "x1": 0, "x2": "100%", "y1": height(0), "y2": height(0)})
    return el("svg", box | {"class": "whole", "aria-hidden": "true"}, middle, el("g", flip, path))
