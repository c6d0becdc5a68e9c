"""Parts of the story in Markdown: what people wrote stays text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeys.document.diff.phrases import safe
from journeys.document.elements import Stage, Touchpoint
from journeys.document.lanes import Emotion, Item, Link
from journeys.document.shape import Document
from journeys.document.words import LONG_TEXT_MAX
from journeys.render import words


def text_of(text: str) -> str:
    """Return what somebody wrote, on one line and as text."""
    return safe(text, LONG_TEXT_MAX)


def prose(text: str) -> str:
    """Return text with its paragraphs."""
    return "\n\n".join(text_of(part) for part in text.split("\n\n") if part.strip())


def fact(name: str, text: str) -> str:
    """Return a named fact."""
    return f"- **{name}:** {text_of(text)}"


def listed(title: str, lines: Iterable[str]) -> str:
    """Return a titled list, "" where nothing stands in it."""
    told = [f"- {line}" for line in lines if line]
    return "\n".join([f"**{title}**", "", *told]) if told else ""


def sentence(parts: Iterable[str | None]) -> str:
    """Return the parts as one sentence."""
    said = ", ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def grounds(entry: Item | Emotion) -> str:
    """Return what a statement rests on; what nobody checked needs no word."""
    day = words.day(entry.date) if entry.date else ""
    parts = [part for part in (words.evidence(entry.evidence), text_of(entry.source), day) if part]
    return f" — *{', '.join(parts)}*" if parts else ""


def linked(link: Link) -> str:
    """Return a link whose address nothing can break out of."""
    address = link.href.translate({ord(sign): f"%{ord(sign):02X}" for sign in "()<>\\ \n"})
    return f"[{text_of(link.text or link.href)}]({address})"


def window_of(holder: Document | Stage | Touchpoint) -> str:
    """Return a stretch of the calendar in words."""
    window = holder.time_window
    days = (
        f"from {words.day(window.start)}" if window.start else "",
        f"before {words.day(window.end)}" if window.end else "",
    )
    return ", ".join(part for part in (window.label, *days) if part)


def times(element: Stage | Touchpoint) -> Iterator[str]:
    """Yield when something is and how long it takes."""
    if window := window_of(element):
        yield text_of(window)
    if element.duration_s is not None:
        yield f"takes {words.duration(element.duration_s)}"
