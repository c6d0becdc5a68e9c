"""Records put together. A row belongs to what its ids name, else to what its names name; cells that people
leave empty below a merged one are filled from above."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from journeys.document.elements import Stage, Touchpoint
from journeys.document.lanes import Emotion, Item, Link, Opportunity
from journeys.document.personas import PersonaEntry
from journeys.document.shape import Document
from journeys.formats.base import Notice
from journeys.formats.grid.plain import unguarded
from journeys.formats.lane_words import channel_of
from journeys.formats.wording import slug

from .columns import CUSTOM, ENTRY_NUMBERS, ENTRY_TEXTS, LANES, OWN
from .feelings import emotion_of
from .members import Unreadable, kinds_of, number, put
from .rows import Record

_SHAPES: dict[str, Any] = {"emotions": Emotion, "links": Link, "opportunities": Opportunity}
NOTICES_MAX = 1_000
_KEY = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z")


@dataclass(slots=True)
class Held:
    """Something that rows speak of: what they say, the first line, its place among its like."""

    raw: dict[str, Any]
    line: int
    order: float | None = None
    inner: list[Held] = field(default_factory=list)
    lanes: dict[str, list[Held]] = field(default_factory=dict)


def lane_named(text: str) -> str:
    """Return the lane that a cell names: a shipped one, or `lane_items.key` of a custom one."""
    if text in OWN or text in LANES:
        return LANES.get(text, text)
    name = text.removeprefix(CUSTOM)
    return CUSTOM + (name if _KEY.match(name) else slug(name) or name)


class Building:
    """Takes records one by one; `notices` tell what could not be taken."""

    def __init__(self) -> None:
        self.root = Held({}, 1)
        self.stages: dict[str, Held] = {}
        self.touchpoints: dict[tuple[int, str], Held] = {}
        self.personas: dict[str, Held] = {}
        self.entries: dict[str, tuple[str, Held]] = {}
        self.emotions: list[dict[str, Any]] = []
        self.named_people: dict[str, int] = {}
        self.notices: list[Notice] = []
        self.stage: Held | None = None
        self.touchpoint: Held | None = None

    def take(self, record: Record) -> None:
        try:
            self._take(record)
        except Unreadable as refusal:
            self.refuse(record, "unreadable", str(refusal))

    def _take(self, record: Record) -> None:
        lanes = [column for column in LANES if record.cell(column)]
        lane = record.cell("lane")
        field_ = record.cells.get("field", "")
        if field_ and not any(map(record.cell, ("stage", "stage_id", "touchpoint", "touchpoint_id"))):
            self.about_all(record, field_)
            return
        stage, touchpoint = self.stage_of(record), self.touchpoint_of(record)
        if touchpoint is not None:
            self.single_facts(record, touchpoint)
        if lanes or lane:
            if touchpoint is None:
                raise Unreadable("An entry stands in a touchpoint, and the row names none.")
            self.add_entries(record, touchpoint, lanes, lane)
        elif field_:
            self.about_one(record, field_, stage, touchpoint)
        elif record.cell("item_id"):
            raise Unreadable("The entry of this id has neither a text nor a field.")

    # What a row is about ------------------------------------------------------------

    def about_all(self, record: Record, field_: str) -> None:
        """A member of the map, or of a persona."""
        value = record.cells.get("value", "")
        who = unguarded(record.cell("persona"))
        if not who:
            put(self.root.raw, kinds_of(Document), field_, value)
            return
        held = self.personas.setdefault(who, Held({}, record.line))
        put(held.raw, kinds_of(PersonaEntry), field_, value)

    def about_one(self, record: Record, field_: str, stage: Held | None, touchpoint: Held | None) -> None:
        """A member of a stage, a touchpoint or an entry."""
        value = record.cells.get("value", "")
        if own := record.cell("item_id"):
            if own not in self.entries:
                raise Unreadable("No row above has the entry of this id.")
            lane, held = self.entries[own]
            put(held.raw, kinds_of(_SHAPES.get(lane, Item)), field_, value)
        elif touchpoint is not None:
            put(touchpoint.raw, kinds_of(Touchpoint), field_, value)
        elif stage is not None:
            put(stage.raw, kinds_of(Stage), field_, value)

    def stage_of(self, record: Record) -> Held | None:
        own, name = record.cell("stage_id"), unguarded(record.cells.get("stage", ""))
        if not own and not name.strip():
            if self.stage is None and (record.cell("touchpoint") or record.cell("touchpoint_id")):
                raise Unreadable("A touchpoint stands in a stage, and no row above names one.")
            return self.stage
        order = self.order(record, "stage_order")
        key = own.lower() or f"{order}\n{name.strip().casefold()}"
        found = self.stages.get(key)
        if found is None:
            if not name.strip():
                raise Unreadable("The stage has no name.")
            found = self.stages[key] = Held(
                {"name": name, **({"id": own} if own else {})}, record.line, order
            )
        else:
            self.same_name(record, found, name, "stage")
        if found is not self.stage:
            self.stage, self.touchpoint = found, None
        return found

    def touchpoint_of(self, record: Record) -> Held | None:
        own, name = record.cell("touchpoint_id"), unguarded(record.cells.get("touchpoint", ""))
        if not own and not name.strip():
            named = record.cell("stage") or record.cell("stage_id")
            speaks_of_stage = named and not any(record.cell(c) for c in (*LANES, "lane", "item_id"))
            return None if speaks_of_stage else self.touchpoint
        stage = self.stage
        if stage is None:
            raise Unreadable("A touchpoint stands in a stage.")
        order = self.order(record, "touchpoint_order")
        key = (0, own.lower()) if own else (id(stage), f"{order}\n{name.strip().casefold()}")
        found = self.touchpoints.get(key)
        if found is None:
            if not name.strip():
                raise Unreadable("The touchpoint has no name.")
            found = Held({"name": name, **({"id": own} if own else {})}, record.line, order)
            self.touchpoints[key] = found
            stage.inner.append(found)
        else:
            self.same_name(record, found, name, "touchpoint")
        self.touchpoint = found
        return found

    # What a row says ------------------------------------------------------------

    def single_facts(self, record: Record, touchpoint: Held) -> None:
        channels = touchpoint.raw.setdefault("channels", [])
        for text in record.cell("channel").replace(",", ";").replace("|", ";").split(";"):
            # A table that we wrote has channels as they are spelled; people write their own words.
            channel = text.strip() if record.cell("touchpoint_id") else channel_of(text) or text.strip()
            if channel and channel not in channels:
                channels.append(channel)
        owner = unguarded(record.cells.get("owner", ""))
        if owner and touchpoint.raw.setdefault("owner", owner) != owner:
            self.lossy(record, "owner_twice", f"The owner is {touchpoint.raw['owner'][:60]!r} further up.")

    def add_entries(self, record: Record, touchpoint: Held, lanes: list[str], lane: str) -> None:
        found = [(LANES[column], record.cells[column]) for column in lanes]
        if lane:
            key = lane_named(lane)
            if key not in OWN:
                self.declare(key, lane)
            if record.cell("text") or key == "emotions":
                found.append((key, record.cells.get("text", "")))
        common, whose = self.statement(record), unguarded(record.cell("persona"))
        if len(found) > 1 and common.pop("id", None):
            self.lossy(
                record, "item_id_unclear", "The row has several entries: its item_id is none of theirs."
            )
        for name, text in found:
            raw = self.entry(record, name, text) | self.fitting(record, name, common)
            if whose and name != "links":
                raw["persona"] = whose
                self.named_people.setdefault(whose, record.line)
            if name == "emotions":
                self.emotions.append(raw)
            held = Held(raw, record.line)
            touchpoint.lanes.setdefault(name, []).append(held)
            if "id" in raw:
                self.entries[raw["id"]] = name, held

    def entry(self, record: Record, lane: str, text: str) -> dict[str, Any]:
        label = unguarded(record.cells.get("label", ""))
        if lane == "emotions":
            scale = record.cell("emotion_scale")
            raw = emotion_of(text, scale) if text.strip() else {"scale": scale} if scale else {}
            return raw | ({"label": label} if label else {})
        if lane == "links":
            return {"href": unguarded(text).strip(), **({"text": label} if label else {})}
        return {"text": unguarded(text)}

    def statement(self, record: Record) -> dict[str, Any]:
        """Return the members that entries of a row share."""
        texts = {m: unguarded(record.cells[c]) for c, m in ENTRY_TEXTS.items() if record.cells.get(c)}
        return texts | {m: number(record.cell(c)) for c, m in ENTRY_NUMBERS.items() if record.cell(c)}

    def fitting(self, record: Record, lane: str, common: dict[str, Any]) -> dict[str, Any]:
        """Return those members that entries of the lane have."""
        has = kinds_of(_SHAPES.get(lane, Item))
        for name in common:
            if name not in has:
                self.lossy(record, "no_such_member", f"Entries of {lane} have no {name}.")
        return {name: value for name, value in common.items() if name in has}

    def declare(self, lane: str, label: str) -> None:
        key = lane.removeprefix(CUSTOM)
        lanes = self.root.raw.setdefault("lanes", [])
        if not any(isinstance(lane, dict) and lane.get("key") == key for lane in lanes):
            lanes.append({"key": key, "label": label})

    def same_name(self, record: Record, held: Held, name: str, what: str) -> None:
        if name.strip() and name.strip().casefold() != str(held.raw["name"]).strip().casefold():
            detail = f"The {what} is called {str(held.raw['name'])[:60]!r} on line {held.line}; that counts."
            self.lossy(record, "name_differs", detail)

    def order(self, record: Record, column: str) -> float | None:
        return number(record.cell(column)) if record.cell(column) else None

    def lossy(self, record: Record, code: str, detail: str) -> None:
        self.note(Notice(f"line {record.line}", "lossy", code, detail))

    def refuse(self, record: Record, code: str, detail: str) -> None:
        self.note(Notice(f"line {record.line}", "invalid", code, detail))

    def note(self, notice: Notice) -> None:
        if len(self.notices) < NOTICES_MAX:
            self.notices.append(notice)
