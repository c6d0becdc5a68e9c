"""Instants on the page: absolute as served; the browser turns them into ages and keeps these true."""

from __future__ import annotations

from datetime import datetime

from journeys.render.element import Markup, el
from journeys.render.words import duration, instant


def age(at: datetime, now: datetime | None) -> Markup:
    """Return an instant as an age if the page is pinned to `now`, else as a date that the browser ages."""
    attributes = {"datetime": at.isoformat(), "title": instant(at)}
    if now is not None:
        return el("time", attributes, old(at, now))
    return el("time", attributes | {"data-age": ""}, instant(at))


def old(at: datetime, now: datetime) -> str:
    """Return how old an instant was at `now`: "3 days old"."""
    return f"{duration(max(0.0, (now - at).total_seconds()))} old"
