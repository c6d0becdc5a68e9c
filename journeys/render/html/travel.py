"""The slider through the map's life: one stop for each version and each instant at which figures became true.

It is a range input, so that keyboard and screen reader need nothing of ours; the script asks for the page as
of a stop and says where one is. Without the script it is not shown: the same instants are a list of links.
"""

from __future__ import annotations

from journeys.render.element import Attributes, Markup, el, number
from journeys.render.face import Face, Stop
from journeys.render.words import IMPROVED, STAR, day, instant


def travel(face: Face) -> Markup | None:
    """Return the slider; None where the page may not travel."""
    if not face.stops:
        return None
    last = len(face.stops)
    here = last if face.as_of is None else _nearest(face)
    spot = face.stops[here] if here < last else None
    value = _told(spot) if spot else "now"
    slider: Attributes = {
        "type": "range",
        "id": "when",
        "min": 0,
        "max": last,
        "step": 1,
        "value": here,
        "aria-label": "Point in time",
        "aria-valuetext": value,
    }
    return el(
        "section",
        {"class": "travel", "aria-label": "Travel through time"},
        el("span", {"class": "since", "aria-hidden": "true"}, day(face.stops[0].at)),
        el("div", {"class": "rail-box"}, _ticks(face), el("input", slider)),
        el("output", {"class": "when", "for": "when"}, value),
        el(
            "button",
            {"type": "button", "class": "to-now", "hidden": "" if here == last else None},
            "Back to now",
        ),
        _signs(face),
        _list(face),
    )


def _nearest(face: Face) -> int:
    assert face.as_of is not None
    passed = [i for i, stop in enumerate(face.stops) if stop.at <= face.as_of]
    return passed[-1] if passed else 0


def _ticks(face: Face) -> Markup:
    """Return a tick for each version, a sign for each improvement, on the rail behind the thumb."""
    last = len(face.stops)
    ticks = []
    for i, stop in enumerate(face.stops):
        if stop.is_version:
            x = f"{number(i / last * 100)}%"
            ticks.append(el("line", {"class": "tick", "x1": x, "x2": x, "y1": 2, "y2": 14}))
        elif stop.is_improvement:
            place = {"class": "at", "x": f"{number(i / last * 100)}%", "y": "0"}
            ticks.append(el("svg", place, el("path", {"class": "star", "d": STAR})))
    return el("svg", {"class": "ticks", "aria-hidden": "true", "height": 16}, *ticks)


def _signs(face: Face) -> Markup | None:
    """Return what the signs on the rail stand for; the stops say the same in words."""
    if not any(stop.is_improvement for stop in face.stops):
        return None
    told = (("|", "version"), (IMPROVED, "improvement"))
    signs = (el("span", None, el("i", None, sign), word) for sign, word in told)
    return el("p", {"class": "signs", "aria-hidden": "true"}, *signs)


def _list(face: Face) -> Markup:
    """Return the stops as links: read by the script, followed by whoever has none."""
    items = (
        el("li", None, el("a", {"href": f"?as_of={_query(stop)}", "data-at": _query(stop)}, _told(stop)))
        for stop in face.stops
    )
    return el(
        "details",
        {"class": "stops"},
        el("summary", None, "All points in time"),
        el("ol", {"role": "list"}, *items),
    )


def _query(stop: Stop) -> str:
    return stop.at.isoformat().replace("+00:00", "Z")


def _told(stop: Stop) -> str:
    return f"{instant(stop.at)}, {stop.text}" if stop.text else instant(stop.at)
