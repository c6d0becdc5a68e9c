"""What else is known of an element or the map: shown on request, in the browser's own popover.

Nothing in here is needed to read the map. It opens by button, closes by Escape, and gives focus back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from journeys.document.elements import Element, TimeWindow, Touchpoint
from journeys.document.evidence import Cluster, Note
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Outcome
from journeys.render.board import Board, Column, StageBoard
from journeys.render.element import Markup, el
from journeys.render.face import Change
from journeys.render.words import IMPROVED, day, duration, plain, share

from .chart import courses
from .grounds import recorded
from .story import story

Fact = tuple[str, str]

_LONG_NAME, _LONG_GOAL = 60, 120
"""Characters from which the map may cut a text short; the panel then has it whole."""

_FUNNEL = {"tofu": "top", "mofu": "middle", "bofu": "bottom"}
_SALE = {"pre": "before the sale", "during": "during the sale", "post": "after the sale"}


def drawer(anchor: str, title: str, above: str, *content: Markup | None) -> Markup | None:
    """Return the panel opened by `opener(anchor, …)`; None where there is nothing to tell."""
    told = [part for part in content if part is not None]
    if not told and len(title) <= _LONG_NAME:
        return None
    close = {
        "type": "button",
        "class": "close",
        "popovertarget": f"d-{anchor}",
        "popovertargetaction": "hide",
    }
    head = (
        el("p", {"class": "above", "dir": "auto"}, above) if above else None,
        el("p", {"class": "title", "id": f"d-{anchor}-title", "dir": "auto"}, title),
        el("button", close, "Close"),
    )
    frame = {"id": f"d-{anchor}", "class": "drawer", "popover": "auto", "role": "dialog"}
    return el("div", frame | {"aria-labelledby": f"d-{anchor}-title"}, *head, *told)


def opener(anchor: str, text: str, *, shown: bool) -> Markup:
    """Return the name as a button that opens its panel, or plainly where there is none; may be cut by CSS."""
    name = el("span", {"class": "cut"}, text)
    if not shown:
        return name
    return el("button", {"type": "button", "class": "opener", "popovertarget": f"d-{anchor}"}, name)


def of_touchpoint(board: Board, column: Column, stage: str) -> Markup | None:
    """Return what a touchpoint tells beyond its column."""
    point = column.touchpoint
    return drawer(
        column.anchor,
        point.name,
        stage,
        _prose(point.description),
        story(board, column),
        courses(column.marks, board.face.as_of),
        _changes(board, point.id),
        _facts([*_traits(board, point), *_element(point), *_onwards(board, column)]),
    )


def of_stage(board: Board, shown: StageBoard) -> Markup | None:
    """Return what a stage tells beyond its head."""
    anchor, stage = shown.anchor, shown.stage
    facts = [
        ("Goal", stage.customer_goal if len(stage.customer_goal) > _LONG_GOAL else ""),
        ("Funnel", _FUNNEL[stage.funnel_position] if stage.funnel_position else ""),
        ("Phase", _SALE[stage.sale_phase] if stage.sale_phase else ""),
        *_element(stage),
    ]
    figures = courses(shown.marks, board.face.as_of)
    changed = _changes(board, stage.id)
    return drawer(anchor, stage.name, "", _prose(stage.description), figures, changed, _facts(facts))


def of_map(board: Board) -> Markup | None:
    """Return what the map tells of itself: purpose, review, personas."""
    document, review = board.document, board.document.review
    facts = [
        ("Scenario", document.scenario),
        ("Goal", document.customer_goal),
        ("Organisation’s objective", document.organisation_objective),
        ("Marketing objective", document.marketing_objective),
        ("Counts as success", _outcome(document.outcome)),
        ("Period", window(document.time_window)),
        ("Stages follow", board.wording.stages),
        ("Owner", review.owner),
        ("Reviewed", plain(review.cadence)),
        ("Last review", day(review.last_on) if review.last_on else ""),
        ("Next review", day(review.next_on) if review.next_on else ""),
    ]
    people = (_persona(entry) for entry in document.personas if entry.name)
    clusters = (_cluster(cluster) for cluster in document.clusters)
    figures = courses(board.marks, board.face.as_of)
    told = (_prose(document.description), figures, _changes(board, None), _facts(facts), *people, *clusters)
    return drawer("map", document.name, "About this map", *told)


def _changes(board: Board, element: UUID | None) -> Markup | None:
    """Return what was changed here in the real journey, the latest first."""
    here = [one for one in reversed(board.face.changes) if one.element == element]
    return _improved([(one, "") for one in here])


def all_changes(board: Board) -> Markup | None:
    """Return what was changed anywhere, the latest first, and where: for paper, which has no panels."""
    names = {element.id: element.name for element in board.document.elements()}
    places: dict[tuple[datetime, str, datetime | None], list[str]] = {}
    first: dict[tuple[datetime, str, datetime | None], Change] = {}
    for one in reversed(board.face.changes):
        key = one.at, one.text, one.until
        first.setdefault(key, one)
        places.setdefault(key, []).extend([names[one.element]] if one.element in names else [])
    return _improved([(one, ", ".join(dict.fromkeys(places[key]))) for key, one in first.items()])


def _improved(told: Sequence[tuple[Change, str]]) -> Markup | None:
    """told: each with its places, "" where they are known."""
    if not told:
        return None
    rows = (
        el(
            "li",
            {"dir": "auto"},
            el("span", {"class": "glyph", "aria-hidden": "true"}, IMPROVED),
            el("span", {"class": "on"}, f"{day(one.at)}{f' – {day(one.until)}' if one.until else ''}"),
            el("span", None, one.text or "Improvement", f" ({where})" if where else ""),
        )
        for one, where in told
    )
    return el("div", {"class": "changes"}, el("p", {"class": "lead"}, "Improvements"), el("ul", None, *rows))


def window(when: TimeWindow) -> str:
    """Return a time window in words."""
    days = " – ".join(day(d) if d else "…" for d in (when.start, when.end)) if when.start or when.end else ""
    return ", ".join(part for part in (when.label, days) if part)


def _prose(text: str) -> Markup | None:
    return el("p", {"class": "prose", "dir": "auto"}, text) if text else None


def _facts(facts: Iterable[Fact]) -> Markup | None:
    rows = [
        el("div", None, el("dt", None, name), el("dd", {"dir": "auto"}, value))
        for name, value in facts
        if value
    ]
    return el("dl", {"class": "facts"}, *rows) if rows else None


def _element(element: Element) -> list[Fact]:
    when = ("When", window(element.time_window))
    return [when, ("Takes", duration(element.duration_s) if element.duration_s is not None else "")]


def _traits(board: Board, point: Touchpoint) -> list[Fact]:
    return [
        ("Kind", board.wording.touchpoint_kind(point.kind)),
        ("Owner", point.owner),
        ("Importance", share(point.importance) if point.importance is not None else ""),
        ("Expected", share(point.expectation) if point.expectation is not None else ""),
        ("Found", share(point.perception) if point.perception is not None else ""),
        ("Gap", _gap(point)),
        ("Against importance", _short_of(point)),
        ("Recorded", recorded(board, point)),
        ("Promise", point.performance_standard),
    ]


def _gap(point: Touchpoint) -> str:
    """Return how far it falls short of, or beyond, what was expected."""
    if point.expectation is None or point.perception is None:
        return ""
    gap = point.perception - point.expectation
    if round(gap, 2) == 0:
        return "as expected"
    return f"{share(abs(gap))} {'worse' if gap < 0 else 'better'} than expected"


def _short_of(point: Touchpoint) -> str:
    """Return by how much it is found less good than it matters: where moments of truth are lost."""
    if point.importance is None or point.perception is None:
        return ""
    gap = point.importance - point.perception
    return f"{share(gap)} less good than it matters" if round(gap, 2) > 0 else ""


def _outcome(outcome: Outcome) -> str:
    return " – ".join(part for part in (outcome.event or plain(outcome.kind), outcome.description) if part)


def _onwards(board: Board, column: Column) -> list[Fact]:
    said = []
    for way in column.ways:
        other = board.slots[way.target]
        if other is not None:
            said.append(f"{other.touchpoint.name}{f' ({way.text})' if way.text else ''}")
    return [("Leads to", "; ".join(said))]


def _cluster(cluster: Cluster) -> Markup:
    notes = (
        el("li", {"dir": "auto"}, note.text, el("small", None, said) if (said := _noted(note)) else None)
        for note in cluster.notes
    )
    title = el("p", {"class": "title", "dir": "auto"}, cluster.label)
    return el("div", {"class": "grounds"}, title, _prose(cluster.description), el("ul", None, *notes))


def _noted(note: Note) -> str:
    parts = (note.participant, note.source, day(note.date) if note.date else "")
    return " · ".join(part for part in parts if part)


def _persona(entry: PersonaEntry) -> Markup | None:
    lines = [
        ("", entry.archetype),
        ("", entry.description),
        ("Goals", "; ".join(entry.goals)),
        ("Needs", "; ".join(entry.needs)),
        ("Frustrations", "; ".join(entry.frustrations)),
        *((side.capitalize(), "; ".join(getattr(entry.empathy, side))) for side in _EMPATHY),
    ]
    quote = el("blockquote", {"dir": "auto"}, entry.quote) if entry.quote else None
    facts = _facts((name or "Who", text) for name, text in lines)
    return el(
        "div", {"class": "persona"}, el("p", {"class": "title", "dir": "auto"}, entry.name), quote, facts
    )


_EMPATHY = ("says", "thinks", "does", "feels")
