"""The map itself: stages and touchpoints in reading order. Rows, labels and lines are laid over by CSS.

A screen reader hears stage by stage and touchpoint by touchpoint, each lane named; the labels at the
side, the lines and the arcs are for eyes and hidden from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.render.board import Board, StageBoard
from journeys.render.curve import Piece, windows
from journeys.render.element import Markup, el, join
from journeys.render.lanes import BACK_ROW, FEELING, OWN_ROW, VISIBILITY_ROW, WAYS_ROW
from journeys.render.mark import Rollup
from journeys.render.palette import SIGNS
from journeys.render.standing import worst

from .chip import chips, sign
from .digits import digits
from .drawer import of_stage, opener
from .touch import touch
from .ways import arcs

Cuts = list[list[list[Piece]]]


def grid(board: Board) -> Markup:
    """Return the map in its scroller."""
    total = len(board.slots)
    cuts = _cuts(board)
    drawn = arcs(board.arcs, total, mirrored=board.dir == "rtl")
    inner = el(
        "div",
        {"class": f"grid {digits(total)}"},
        _labels(board, has_ways=drawn is not None),
        *_rules(board, total),
        drawn,
        el(
            "ol",
            {"class": f"stages {digits(total)}", "role": "list"},
            *(_stage(board, s, cuts) for s in board.stages),
        ),
    )
    scroller = {"class": "board", "role": "region", "aria-label": "Journey map", "tabindex": "0"}
    return el("div", scroller, inner)


def _cuts(board: Board) -> Cuts:
    """Return the pieces of each curve in each column: cuts[curve][column]."""
    edges = [(float(i), i + 1.0) for i in range(len(board.slots))]
    return [windows(curve.pieces, edges) for curve in board.feelings.curves]


def _stage(board: Board, stage: StageBoard, cuts: Cuts) -> Markup:
    panel = of_stage(board, stage)
    goal = stage.stage.customer_goal
    head = el(
        "div",
        {"class": "stage-head"},
        el(
            "div",
            {"class": "pinned"},
            el("h2", {"dir": "auto"}, opener(stage.anchor, stage.stage.name, shown=panel is not None)),
            el("p", {"class": "goal", "dir": "auto"}, goal) if goal else None,
            _standing(stage),
        ),
    )
    own = None
    if stage.marks:
        own = el("div", {"class": f"cell r{OWN_ROW} l-own"}, chips(stage.marks, board.face.as_of))
    points: Markup | Iterator[Markup]
    if stage.columns:
        points = join(
            *(
                touch(board, column, stage.stage.name, [cut[column.index] for cut in cuts])
                for column in stage.columns
            )
        )
        body = el("ol", {"class": "touches", "role": "list"}, points)
    else:
        body = el("p", {"class": "none r2"}, "no touchpoints yet")
    here = {"class": f"stage {digits(max(1, len(stage.columns)))}", "id": stage.anchor}
    return el("li", here, head, own, body, panel)


def _standing(stage: StageBoard) -> Markup | None:
    standing = worst(stage)
    if standing is None:
        return None
    shown = SIGNS[standing]
    return sign(standing, shown.glyph, shown.word, coverage(stage.rollup))


def coverage(rollup: Rollup | None) -> Markup | None:
    """Return what a roll-up rests on, beside its status."""
    if rollup is None or not rollup.coverage:
        return None
    return el("span", {"class": "note"}, el("bdi", None, rollup.coverage))


def _labels(board: Board, *, has_ways: bool) -> Markup:
    rows = [_label(1, "Stage", ""), _label(2, "Touchpoint", "where it happens")]
    if has_ways:
        rows.append(_label(WAYS_ROW, "Ways", ""))
    if board.has_stage_marks:
        rows.append(_label(OWN_ROW, "Whole stage", "measured"))
    for lane in board.lanes:
        rows.append(_label(lane.row, lane.label, lane.hint, _legend(board) if lane.key == FEELING else None))
    if board.has_back:
        rows.append(_label(BACK_ROW, "Back stage", "unseen"))
    return el("div", {"class": "labels", "aria-hidden": "true"}, *rows)


def _label(row: int, name: str, hint: str, more: Markup | None = None) -> Markup:
    told = el("small", {"dir": "auto"}, hint) if hint else None
    return el("div", {"class": f"label r{row}"}, el("div", None, el("b", {"dir": "auto"}, name), told, more))


def _legend(board: Board) -> Markup:
    items = []
    for curve in board.feelings.curves:
        apart = "" if curve.leading else " apart"
        sample = el(
            "svg",
            {"class": "sample", "width": 26, "height": 12},
            el("line", {"class": f"line c-{curve.role}{apart}", "x1": 0, "x2": 26, "y1": 6, "y2": 6}),
            el(
                "use", {"class": f"point c-{curve.role}{apart}", "href": f"#p-{curve.shape}", "x": 13, "y": 6}
            ),
        )
        items.append(el("small", {"class": "key"}, sample, el("bdi", None, curve.label)))
    return el("span", {"class": "keys"}, *items)


def _rules(board: Board, total: int) -> Iterator[Markup]:
    """Yield a line above each row, across all columns; at the line of visibility it says what it is."""
    rows = [2, *(lane.row for lane in board.lanes), *([OWN_ROW] if board.has_stage_marks else [])]
    for row in rows:
        yield el("div", {"class": f"rule r{row} {digits(total)}", "aria-hidden": "true"})
    if board.has_back:
        words = el("span", None, "line of visibility")
        yield el(
            "div", {"class": f"visibility r{VISIBILITY_ROW} {digits(total)}", "aria-hidden": "true"}, words
        )
