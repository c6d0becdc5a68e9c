"""One figure: name, value and trend, status in words, the last thirty points, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from journeys.render.element import Markup, el, number, safe_href
from journeys.render.mark import Mark
from journeys.render.notes import basis, standing_notes
from journeys.render.palette import SIGNS
from journeys.render.spark import spark
from journeys.render.words import VERDICTS

from .instant import age

_WIDTH, _HEIGHT = 100.0, 28.0


def chips(marks: tuple[Mark, ...], now: datetime | None) -> Markup:
    """Return the figures of one place as a list."""
    return el("ul", {"class": "chips", "role": "list"}, *(chip(mark, now) for mark in marks))


def chip(mark: Mark, now: datetime | None) -> Markup:
    """Return one figure; a value without base or age is withheld, and says so."""
    bare = "" if mark.says else " bare"
    kind = {"class": f"chip is-{mark.standing}{bare}", "data-standing": mark.standing}
    return el("li", kind, *_told(mark, now, _spark(mark)))


def told(mark: Mark, now: datetime | None, course: Markup | None) -> Markup:
    """Return one figure as a panel tells it, with its course in place of the sparkline."""
    return el("li", {"class": f"told is-{mark.standing}"}, *_told(mark, now, course))


def _told(mark: Mark, now: datetime | None, course: Markup | None) -> Iterator[Markup | None]:
    yield from (
        _name(mark),
        _value(mark) if mark.says else None,
        _standing(mark),
        course,
        _basis(mark, now),
        el("p", {"class": "basis", "dir": "auto"}, "so far ", mark.running) if mark.running else None,
        *(el("p", {"class": "basis caveat", "dir": "auto"}, text) for text in mark.caveats),
    )


def sign(standing: str, glyph: str, word: str, *rest: str | None) -> Markup:
    """Return a status as glyph, word and colour."""
    return el(
        "span",
        {"class": f"sign is-{standing}"},
        el("span", {"class": "glyph", "aria-hidden": "true"}, glyph),
        el("span", {"class": "word"}, word),
        *rest,
    )


def _name(mark: Mark) -> Markup:
    href = safe_href(mark.href) if mark.href else None
    inner: str = mark.label if href is None else el("a", {"href": href}, mark.label)
    return el("p", {"class": "chip-name", "dir": "auto"}, inner)


def _value(mark: Mark) -> Markup:
    value = mark.value if mark.is_shown and mark.value else "–"
    trend = None
    if mark.trend and mark.is_shown:
        word = VERDICTS[mark.verdict] if mark.verdict else ""
        trend = el(
            "span",
            {"class": f"trend is-{mark.verdict or 'plain'}"},
            el("b", None, el("bdi", None, mark.trend)),
            el("span", {"class": "word"}, f" {word}") if word else None,
        )
    return el("p", {"class": "chip-main"}, el("b", {"class": "num"}, el("bdi", None, value)), trend)


def _standing(mark: Mark) -> Markup:
    shown = SIGNS[mark.standing]
    rest = (el("span", {"class": "note"}, el("bdi", None, note)) for note in standing_notes(mark))
    return sign(mark.standing, shown.glyph, shown.word, *rest)


def _spark(mark: Mark) -> Markup | None:
    drawn = spark(mark.spark, mark.spark_target) if mark.is_shown else None
    if drawn is None:
        return None
    parts = []
    if drawn.target is not None:
        y = drawn.target * _HEIGHT
        parts.append(el("line", {"class": "aim", "x1": 0, "x2": _WIDTH, "y1": y, "y2": y}))
    parts.append(el("path", {"class": "trace", "d": drawn.path(_WIDTH, _HEIGHT)}))
    inner = el(
        "svg",
        {"viewBox": f"0 0 {number(_WIDTH)} {number(_HEIGHT)}", "preserveAspectRatio": "none"},
        *parts,
    )
    dot = None
    if drawn.last is not None:
        dot = el("circle", {"class": "now", "cx": "100%", "cy": f"{number(drawn.last[1] * 100)}%", "r": 2.5})
    told = f"The last {len(mark.spark[-30:])} figures" + (", dashed: the target" if mark.spark_target else "")
    return el("svg", {"class": "spark", "role": "img", "aria-label": told}, inner, dot)


def _basis(mark: Mark, now: datetime | None) -> Markup | None:
    if not mark.is_shown or mark.observed_at is None:
        return el("p", {"class": "basis"}, "withheld: base or age unknown") if mark.value else None
    spans = [el("span", None, el("bdi", None, fact)) for fact in basis(mark)]
    return el("p", {"class": "basis"}, *spans, el("span", None, age(mark.observed_at, now)))
