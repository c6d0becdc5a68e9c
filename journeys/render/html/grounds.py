"""What entries rest on, and how feelings were recorded: the small print of a touchpoint's panel."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.document.elements import Touchpoint
from journeys.document.emotion import scale_of
from journeys.document.lanes import Emotion, Item, Opportunity
from journeys.render.board import Board
from journeys.render.element import el, safe_href
from journeys.render.notes import notes_of
from journeys.render.words import day, feeling, figure, plain, share


def grounds(board: Board, point: Touchpoint, item: Item) -> list[str]:
    """Return an entry's notes, where it comes from, and what becomes of an opportunity."""
    named = {one.key: one.label for one in board.document.clusters}
    found = [
        *notes_of(board, item),
        item.source,
        day(item.date) if item.date else "",
        named.get(item.cluster, ""),
    ]
    if isinstance(item, Opportunity):
        found += _becomes(point, item)
    return [ground for ground in found if ground]


def recorded(board: Board, point: Touchpoint) -> str:
    """Return the feelings as they were recorded, where that says more than the curve does."""
    return "; ".join(said for emotion in point.emotions if (said := _felt(board, emotion)))


def _felt(board: Board, emotion: Emotion) -> str:
    scale = scale_of(emotion.scale)
    parts = [
        _raw(emotion) if emotion.scale != "sentiment" and scale is not None else "",
        f"intensity {share(emotion.intensity)}" if emotion.intensity is not None else "",
        f"arousal {feeling(emotion.arousal)}" if emotion.arousal is not None else "",
        f"dominance {feeling(emotion.dominance)}" if emotion.dominance is not None else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{board.personas.get(emotion.persona, 'everyone')} {told}" if told else ""


def _raw(emotion: Emotion) -> str:
    """Return the raw value and its scale: "−1 on a scale from −2 to 2", "joy"."""
    scale = scale_of(emotion.scale)
    if emotion.value is None or scale is None or scale.low is None or scale.high is None:
        return plain(emotion.word).lower()
    return f"{figure(emotion.value)} on a scale from {figure(scale.low)} to {figure(scale.high)}"


def _becomes(point: Touchpoint, item: Opportunity) -> Iterator[str]:
    yield plain(item.status).lower()
    if item.addresses:
        there = {entry.id: entry for _, found in point.lanes() for entry in found}
        texts = [getattr(there.get(own), "text", "") for own in item.addresses]
        yield f"settles {', '.join(f'“{text}”' for text in texts if text)}"
    if item.ticket and (href := safe_href(item.ticket)):
        yield el("a", {"href": href, "rel": "noopener noreferrer"}, "ticket")
