"""The course of a figure in a panel: the chart with its lines and dates, and what it rests on in words."""

from __future__ import annotations

from datetime import datetime

from journeys.render.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, chart
from journeys.render.element import Attributes, Markup, el, number
from journeys.render.mark import Mark, Moment
from journeys.render.words import IMPROVED, STAR, day

from .chip import told


def courses(marks: tuple[Mark, ...], now: datetime | None) -> Markup | None:
    """Return the figures of one place with their charts; None where there is none."""
    if not marks:
        return None
    return el("ul", {"class": "courses", "role": "list"}, *(told(mark, now, course(mark)) for mark in marks))


def course(mark: Mark) -> Markup | None:
    """Return the chart of a figure and what happened meanwhile; None where nothing can be drawn."""
    drawn = chart(mark) if mark.is_shown else None
    if drawn is None:
        return None
    return el("div", {"class": "course"}, _picture(mark, drawn), _moments(drawn))


def _picture(mark: Mark, drawn: Chart) -> Markup:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for level in drawn.levels:
        role = level.line.role
        ends: Attributes = {"x1": LEFT, "x2": right, "y1": level.y, "y2": level.y}
        if role != "extent":
            parts.append(el("line", {"class": f"level {role}"} | ends))
        beside_it: Attributes = {"x": right + 8, "y": level.label_y + 4}
        parts.append(el("text", {"class": f"level-words {role}"} | beside_it, level.line.text))
    for i, (x, beside, moment) in enumerate(drawn.moments):
        kind = "moment improved" if moment.is_improvement else "moment"
        parts.append(el("line", {"class": kind, "x1": x, "x2": x, "y1": TOP + 2, "y2": floor}))
        if moment.is_improvement:
            at = f"translate({number(x)} {number(floor)})"
            parts.append(el("path", {"class": "star", "d": STAR, "transform": at}))
        parts.append(el("text", {"class": "moment-number", "x": beside, "y": TOP - 1}, str(i + 1)))
    lines = ("M" + "L".join(f"{number(x)} {number(y)}" for x, y in run) for run in drawn.runs)
    parts.append(el("path", {"class": "trace", "d": "".join(lines)}))
    spots = "".join(f"M{number(x)} {number(y)}h0" for run in drawn.runs for x, y in run)
    parts.append(el("path", {"class": "dots", "d": spots}))
    if drawn.last is not None:
        parts.append(el("circle", {"class": "now", "cx": drawn.last[0], "cy": drawn.last[1], "r": 3.5}))
    parts.append(el("text", {"class": "date", "x": LEFT, "y": HEIGHT - 5}, day(drawn.first_at)))
    end: Attributes = {"class": "date end", "x": right, "y": HEIGHT - 5}
    parts.append(el("text", end, day(drawn.last_at)))
    box = f"0 0 {number(WIDTH)} {number(HEIGHT)}"
    return el(
        "svg", {"class": "chart", "viewBox": box, "role": "img", "aria-label": _told(mark, drawn)}, *parts
    )


def _told(mark: Mark, drawn: Chart) -> str:
    """The chart in words: how many figures of which time, their range, and the lines."""
    known = [value for value in mark.spark if value is not None]
    said = [
        f"{mark.label}: {len(known)} figures from {day(drawn.first_at)} to {day(drawn.last_at)}, "
        f"{mark.spark_low} to {mark.spark_high}",
        *(level.line.text for level in drawn.levels if level.line.role != "extent"),
        *(f"{day(one.at)} {one.text}" for _, _, one in drawn.moments if one.is_improvement),
    ]
    return "; ".join(said)


def _moments(drawn: Chart) -> Markup | None:
    if not drawn.moments:
        return None
    rows = (
        el("li", {"dir": "auto", "class": "improved" if one.is_improvement else None}, _moment(one))
        for _, _, one in drawn.moments
    )
    return el("ol", {"class": "moments"}, *rows)


def _moment(one: Moment) -> str:
    """An improvement has the sign that stands on the chart."""
    return f"{IMPROVED} {day(one.at)}: {one.text}" if one.is_improvement else f"{day(one.at)}: {one.text}"
