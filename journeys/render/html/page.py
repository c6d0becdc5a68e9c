"""render_html: a map and its figures as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.document.shape import Document
from journeys.render.board import Board, board
from journeys.render.element import Markup, el
from journeys.render.face import Face
from journeys.render.mark import Mark

from .assets import SCRIPT, STYLE
from .chip import chips
from .drawer import all_changes
from .grid import grid
from .head import head
from .strip import strip

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M1 5C5 5 5 12 8 12S11 4 15 4' fill='none' stroke='%234a4fb5' stroke-width='2'/%3E%3C/svg%3E"
)
_SHAPES = (
    ("ring", el("circle", {"r": 4.5})),
    ("square", el("rect", {"x": -4, "y": -4, "width": 8, "height": 8})),
    ("triangle", el("path", {"d": "M0 -5.5L5 4H-5Z"})),
    ("cross", el("path", {"d": "M-4 -4L4 4M-4 4L4 -4"})),
    ("bar", el("path", {"d": "M0 -5.5V5.5"})),
    ("diamond", el("path", {"class": "full", "d": "M0 -5.5L5.5 0L0 5.5L-5.5 0Z"})),
    ("head", el("path", {"class": "full", "d": "M0 -1L4 6H-4Z"})),
)


def render_html(document: Document, marks: Sequence[Mark], face: Face, nonce: str | None = None) -> str:
    """Return the page. Same arguments, same bytes.

    `nonce`: put on style and script for a policy of nonces. Without one the page fits
    `CONTENT_SECURITY_POLICY`, stays the same bytes over requests and survives a 304 (which may carry a
    new nonce in its header, while the browser keeps the body with the old one).
    """
    shown = board(document, marks, face)
    page = el(
        "html",
        {
            "lang": shown.language,
            "dir": shown.dir,
            "data-theme": None if face.theme == "auto" else face.theme,
        },
        _meta(shown, nonce),
        el("body", None, _shapes(), _main(shown), el("script", {"nonce": nonce}, SCRIPT)),
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _meta(shown: Board, nonce: str | None) -> Markup:
    return el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "referrer", "content": "no-referrer"}),
        el("title", None, shown.document.name),
        el("link", {"rel": "icon", "href": _ICON}),
        el("style", {"nonce": nonce}, STYLE),
    )


def _shapes() -> Markup:
    shapes = (el("g", {"id": f"p-{name}"}, shape) for name, shape in _SHAPES)
    return el(
        "svg", {"class": "shapes", "width": 0, "height": 0, "aria-hidden": "true"}, el("defs", None, *shapes)
    )


def _main(shown: Board) -> Markup:
    face = shown.face
    data = {
        "id": "page",
        "data-refresh": face.refresh_s or None,
        "data-etag": face.etag or None,
    }
    return el(
        "div",
        data,
        head(shown),
        strip(shown),
        el("main", None, grid(shown) if shown.stages else _empty(shown)),
        _foot(shown),
        el("p", {"class": "sr", "id": "news", "role": "status"}),
    )


def _empty(shown: Board) -> Markup:
    told = "This map has no stages yet. The first one appears here as soon as it is saved."
    goal = shown.document.customer_goal or shown.document.scenario
    return el(
        "div",
        {"class": "empty"},
        el("p", {"class": "title"}, told),
        el("p", {"dir": "auto"}, goal) if goal else None,
    )


def _foot(shown: Board) -> Markup:
    """Return the figures that have no place on this version, and on paper what was improved, if any. (No
    legend: each sign has its word.)"""
    homeless = None
    if shown.unplaced:
        lead = el("p", {"class": "title"}, "Figures whose place is not on this version")
        homeless = el("div", {"class": "unplaced"}, lead, chips(shown.unplaced, shown.face.as_of))
    changed = all_changes(shown)
    paper = el("section", {"class": "paper"}, changed) if changed else None
    return el("footer", {"class": "foot"}, homeless, paper)
