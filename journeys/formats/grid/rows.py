"""A document → the rows of a grid, with what they cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from journeys.document.elements import Touchpoint
from journeys.document.lanes import Item, Link
from journeys.document.pointers import pointer
from journeys.document.shape import Document
from journeys.document.vocabularies import LANE_LABELS
from journeys.formats.base import Notice
from journeys.formats.lane_words import CUSTOM, FACTS, ITEMS, channel_text
from journeys.formats.texts import clean, one_line
from journeys.formats.unsaid import unsaid, unsaid_in_entries, unsaid_in_personas
from journeys.formats.wording import slug

from .cells import join, readable
from .felt import add_feelings
from .labels import label_of
from .layout import TITLED, is_word
from .options import Options
from .table import Row, Spot, Table, add_row, text_of

CELL_MAX = 32_000
"""Spreadsheets hold at most 32,767 characters in a cell; what is longer goes on in a row below."""

_ROOT = frozenset({"name", "lanes", "personas"})
_STAGE = frozenset({"id", "name", "customer_goal"})
_TOUCHPOINT = frozenset({"id", "name", "emotions", "lane_items", *FACTS, *ITEMS})
_ENTRY = frozenset({"id", "text", "href", "scale", "value", "word", "label"})

IDS = Notice("", "note", "ids", "A grid has no ids: read back, elements are matched by name.")


def table_of(document: Document) -> Table:
    """Return the grid of a document."""
    table = Table("")
    spots: list[Spot] = []
    table.title = _name(table, document.name, "/name")
    if is_word(table.title):
        table.title = TITLED + table.title
    goals: list[str] = []
    for index, stage in enumerate(document.stages):
        where = pointer("stages", index)
        name = _name(table, stage.name, f"{where}/name")
        if table.stages and table.stages[-1][0] == name:
            detail = "A stage that is called as the one before it reads as one with it."
            table.losses.append(Notice(where, "lossy", "same_name", detail))
        width = max(1, len(stage.touchpoints))
        table.stages.append((name, len(spots), width))
        goals += [text_of(table, stage.customer_goal, f"{where}/customer_goal", clean)] + [""] * (width - 1)
        inner = [Spot(t, where + pointer("touchpoints", nth)) for nth, t in enumerate(stage.touchpoints)]
        spots += inner or [Spot(None, where)]
    table.touchpoints = [
        _name(table, s.touchpoint.name, f"{s.where}/name") if s.touchpoint else "" for s in spots
    ]
    if any(goals):
        table.rows.append(Row("Goal", tuple(goals), wide=True))
    _facts(table, spots)
    _lanes(table, document, spots)
    add_feelings(table, document, spots)
    table.losses += unsaid(document, root=_ROOT, stage=_STAGE, touchpoint=_TOUCHPOINT)
    table.losses += _unsaid_in_lanes(document)
    table.losses += unsaid_in_personas(document, {"id", "name"})
    table.losses.append(IDS)
    return table


def _unsaid_in_lanes(document: Document) -> Iterator[Notice]:
    """Yield what entries say beyond their text; feelings, and nothing else, are told apart by persona."""
    for loss in unsaid_in_entries(document, _ENTRY):
        if not (loss.place.endswith("/persona") and "/emotions/" in loss.place):
            yield loss
    for index, lane in enumerate(document.lanes):
        if lane.description:
            where = pointer("lanes", index, "description")
            yield Notice(where, "lossy", "not_said", "`description` has no place there.")


def _name(table: Table, name: str, where: str) -> str:
    """Return a name: never empty, as an empty head would give its column to its neighbour."""
    return text_of(table, name, where, one_line) or "–"


def _facts(table: Table, spots: Sequence[Spot]) -> None:
    for fact in FACTS:
        cells = [_fact(table, spot, fact) if spot.touchpoint else "" for spot in spots]
        add_row(table, fact.replace("_", " ").capitalize(), cells)


def _fact(table: Table, spot: Spot, fact: str) -> str:
    value = getattr(spot.touchpoint, fact)
    if fact == "channels":
        said = [channel_text(channel) for channel in value]
        for index, (text, is_same) in enumerate(said):
            if not is_same:
                where = f"{spot.where}/channels/{index}"
                table.losses.append(Notice(where, "lossy", "channel", f"{text!r} reads as another word."))
        return "\n".join(text for text, _ in said)
    if fact == "moment_of_truth":
        return "yes" if value else ""
    if fact == "visibility":
        return "back" if value == "back" else ""
    if isinstance(value, str):
        return text_of(table, value, f"{spot.where}/{fact}", clean)
    return "" if value is None else repr(value)


def _lanes(table: Table, document: Document, spots: Sequence[Spot]) -> None:
    for lane in ITEMS:
        _items(table, LANE_LABELS[lane], spots, (lane,), attrgetter(lane))
    for index, own in enumerate(document.lanes):
        label = text_of(table, own.label, pointer("lanes", index, "label"), one_line)
        if label_of(label, Options()).lane != CUSTOM or (slug(label) or "lane") != own.key:
            label = f"{label} [{own.key}]"
        before = len(table.rows)
        _items(table, label, spots, ("lane_items", own.key), _own(own.key))
        if len(table.rows) == before:
            detail = "A lane with nothing in it has no row."
            table.losses.append(Notice(pointer("lanes", index), "lossy", "empty_lane", detail))


def _own(key: str) -> Callable[[Touchpoint], Sequence[Item]]:
    return lambda touchpoint: touchpoint.lane_items.get(key, ())


def _items(
    table: Table,
    label: str,
    spots: Sequence[Spot],
    path: tuple[str, ...],
    entries: Callable[[Touchpoint], Sequence[Item | Link]],
) -> None:
    """Add the rows of a lane: one, or as many as its fullest cell needs."""
    columns: list[list[str]] = []
    for spot in spots:
        texts = []
        for index, entry in enumerate(entries(spot.touchpoint) if spot.touchpoint else ()):
            where = spot.where + pointer(*path, index)
            text = _link(table, entry, where) if isinstance(entry, Link) else entry.text
            texts.append(text_of(table, text, where, lambda text: readable(clean(text))))
        columns.append(list(_parts(texts)))
    for nth in range(max(map(len, columns), default=0)):
        add_row(table, "" if nth else label, [c[nth] if nth < len(c) else "" for c in columns])


def _link(table: Table, link: Link, where: str) -> str:
    text = text_of(table, link.text, f"{where}/text", one_line)
    return f"{text} <{link.href}>" if text else link.href


def _parts(texts: Sequence[str]) -> Iterator[str]:
    """Yield cells of at most `CELL_MAX` characters that hold the texts."""
    part: list[str] = []
    size = 0
    for text in filter(None, texts):
        if part and size + len(text) + 3 > CELL_MAX:
            yield join(part)
            part, size = [], 0
        part.append(text)
        size += len(text) + 3
    if part:
        yield join(part)
