"""A document as a table. Ids and names of stage and touchpoint stand in each row of theirs, so that rows can
be filtered and sorted; everything else stands once."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from journeys.document.canonical import to_plain
from journeys.document.elements import LANES as ITEM_LANES
from journeys.document.elements import Stage, Touchpoint
from journeys.document.lanes import Emotion, Link, Opportunity
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.formats.base import Written
from journeys.formats.grid.write import guarded

from .columns import COLUMNS, CUSTOM, ENTRY_NUMBERS, ENTRY_TEXTS, LANES, LISTED, OWN
from .members import kinds_of, rows_of, spelled_value

Row = dict[str, str]
Plain = Mapping[str, Any]
_COLUMN_OF = {member: column for column, member in LANES.items()}
_SHAPE_OF = {"emotions": Emotion, "links": Link}


def write_long_form(document: Document) -> Written:
    """Write UTF-8 with a byte order mark (else Excel takes another encoding), CR LF, RFC 4180 quotes."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in _rows(to_plain(document)):
        table.writerow([row.get(column, "") for column in COLUMNS])
    return Written(b"\xef\xbb\xbf" + out.getvalue().encode())


def _rows(plain: Plain) -> Iterator[Row]:
    root = {name: value for name, value in plain.items() if name not in ("format", "stages", "personas")}
    yield from _fields({}, root, Document)
    names = _persona_names(plain)
    for persona in plain.get("personas", ()):
        yield from _fields({"persona": guarded(names[str(persona["id"])])}, persona, PersonaEntry)
    for index, stage in enumerate(plain.get("stages", ()), 1):
        yield from _stage(index, stage, names)


def _stage(index: int, stage: Plain, names: Mapping[str, str]) -> Iterator[Row]:
    place = {"stage_order": str(index), "stage_id": stage["id"], "stage": guarded(stage["name"])}
    yield place
    own = {name: value for name, value in stage.items() if name not in ("id", "name", "touchpoints")}
    yield from _fields(place, own, Stage)
    for order, touchpoint in enumerate(stage.get("touchpoints", ()), 1):
        inner = {
            "touchpoint_order": str(order),
            "touchpoint_id": touchpoint["id"],
            "touchpoint": guarded(touchpoint["name"]),
        }
        yield from _touchpoint(place | inner, touchpoint, names)


def _touchpoint(place: Row, touchpoint: Plain, names: Mapping[str, str]) -> Iterator[Row]:
    yield place | {
        "channel": LISTED.join(touchpoint.get("channels", ())),
        "owner": guarded(touchpoint.get("owner", "")),
    }
    apart = {"id", "name", "channels", "owner", "lane_items", "emotions", *ITEM_LANES}
    own = {name: value for name, value in touchpoint.items() if name not in apart}
    yield from _fields(place, own, Touchpoint)
    for lane in (*ITEM_LANES, "emotions"):
        for entry in touchpoint.get(lane, ()):
            yield from _entry(place, lane, entry, names)
    for lane, entries in touchpoint.get("lane_items", {}).items():
        for entry in entries:
            yield from _entry(place, CUSTOM + lane, entry, names)


def _entry(place: Row, lane: str, entry: Plain, names: Mapping[str, str]) -> Iterator[Row]:
    rest = dict(entry)
    row = dict(place)
    if lane == "emotions":
        value = rest.pop("value", None)
        row["emotion"] = rest.pop("word", "") if value is None else spelled_value(value)
        row["emotion_scale"] = rest.pop("scale", "sentiment")
        row["label"] = guarded(rest.pop("label", ""))
        row["lane"] = "" if row["emotion"] else lane
    elif lane == "links":
        row["link"], row["label"] = guarded(rest.pop("href")), guarded(rest.pop("text", ""))
    elif lane in _COLUMN_OF:
        row[_COLUMN_OF[lane]] = guarded(rest.pop("text"))
    else:
        key = lane.removeprefix(CUSTOM)
        row["lane"] = lane if key in OWN or key in LANES else key
        row["text"] = guarded(rest.pop("text"))
    persona = rest.pop("persona", "")
    row["persona"] = guarded(names.get(persona, persona))
    row |= {column: guarded(rest.pop(member)) for column, member in ENTRY_TEXTS.items() if member in rest}
    numbers = {column: member for column, member in ENTRY_NUMBERS.items() if member in rest}
    row |= {column: spelled_value(rest.pop(member)) for column, member in numbers.items()}
    yield row
    yield from _fields(place | {"item_id": row["item_id"]}, rest, _SHAPE_OF.get(lane, Opportunity))


def _fields(place: Row, plain: Plain, shape: Any) -> Iterator[Row]:
    for field, value in rows_of(plain, kinds_of(shape)):
        yield place | {"field": field, "value": value}


def _persona_names(plain: Plain) -> dict[str, str]:
    """Return {id: what it is called here}: its key, else a name that is nobody else's, else the id."""
    personas = plain.get("personas", ())
    members = (persona.get(member) for persona in personas for member in ("key", "name"))
    taken = Counter(str(member) for member in members if member)
    found = {}
    for persona in personas:
        name = persona.get("name", "")
        fit = name == name.strip() and taken[name] == 1
        found[str(persona["id"])] = persona.get("key") or (name if name and fit else str(persona["id"]))
    return found
