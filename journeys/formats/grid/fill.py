"""Cells → entries of touchpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeys.document.elements import LANES_MAX
from journeys.document.lanes import ITEMS_MAX
from journeys.document.shape import PERSONAS_MAX
from journeys.document.words import NAME_MAX, TEXT_MAX
from journeys.formats.base import Notice
from journeys.formats.feelings import Felt, emotion, felt, guess_scale
from journeys.formats.lane_words import ITEMS, channel_of
from journeys.formats.texts import name_and_rest, one_line, pieces, unused
from journeys.formats.wording import slug

from .cells import split
from .columns import Column, StageColumn
from .facts import FACTS
from .labels import Label

Cell = tuple[str, str, list[Column], StageColumn]
"""(place, text, touchpoints, stage)"""

_LINK = re.compile(r"(?:(.*\S)\s+)?<?((?:https?://|mailto:)\S+?)>?\Z", re.DOTALL)
CHANNELS_MAX = 30
EMOTIONS_MAX = 50


@dataclass
class Filler:
    """Puts cells where they belong. `items` counts what was taken."""

    stages: list[StageColumn]
    notices: list[Notice]
    lanes: dict[str, str] = field(default_factory=dict)
    personas: dict[str, str] = field(default_factory=dict)
    items: int = 0

    def __post_init__(self) -> None:
        self._stage_by_number = {number: stage for stage in self.stages for number in stage.numbers}
        self._column_by_number = {
            number: column for stage in self.stages for column in stage.columns for number in column.numbers
        }
        self._lane_keys: dict[str | tuple[str, str], str] = {}
        self.items = len(self.stages) + sum(len(stage.columns) for stage in self.stages)

    def stage_at(self, number: int) -> StageColumn:
        return self._stage_by_number[number]

    def columns_at(self, numbers: Iterable[int]) -> list[Column]:
        """Return the touchpoints under a run of columns, each once."""
        found: dict[int, Column] = {}
        for number in numbers:
            if column := self._column_by_number.get(number):
                found.setdefault(id(column), column)
        return list(found.values())

    def take(self, rows: Sequence[tuple[Label, list[Cell]]], scale: str) -> str:
        """Take all rows; return the scale of feelings whose label names none, "" where there are none."""
        unnamed = [
            said.figure
            for label, cells in rows
            if label.lane == "emotions" and not label.scale
            for _, text, _, _ in cells
            for said in map(felt, text.split("\n"))
            if said.figure is not None
        ]
        guessed = scale or (guess_scale(unnamed) if unnamed else "")
        for label, cells in rows:
            for cell in cells:
                self._take(label, cell, guessed)
        return guessed

    def raw(self, name: str, rest: str) -> dict[str, Any]:
        """Return the document."""
        raw: dict[str, Any] = {"name": name}
        if rest:
            raw["description"] = rest
        if self.personas:
            raw["personas"] = [{"key": key, "name": name} for name, key in self.personas.items()]
        if self.lanes:
            raw["lanes"] = [{"key": key, "label": label} for key, label in self.lanes.items()]
        raw["stages"] = [
            {**stage.raw, **({"touchpoints": [c.raw for c in stage.columns]} if stage.columns else {})}
            for stage in self.stages
        ]
        return raw

    def _take(self, label: Label, cell: Cell, scale: str) -> None:
        place, text, columns, stage = cell
        if label.lane == "customer_goal":
            self._goal(stage, text, place)
            return
        if not columns:
            columns = [self._new_column(stage, place)]
        if len(columns) > 1:
            detail = f"This cell covers {len(columns)} touchpoints and counts at each."
            self.notices.append(Notice(place, "note", "merged", detail))
        for column in columns:
            self._fill(label, column.raw, text, place, scale)

    def _new_column(self, stage: StageColumn, place: str) -> Column:
        if not stage.columns:
            stage.columns.append(Column({"name": stage.raw["name"]}))
            self.items += 1
        return stage.columns[0]

    def _goal(self, stage: StageColumn, text: str, place: str) -> None:
        said = stage.raw.get("customer_goal", "")
        if text == said or text in said.split("\n"):
            return
        goal = f"{said}\n{text}" if said else text
        stage.raw["customer_goal"] = goal[:TEXT_MAX]
        self.items += 1
        if len(goal) > TEXT_MAX:
            self._lossy(place, "too_long", f"A goal has at most {TEXT_MAX} characters; the rest is left out.")

    def _fill(self, label: Label, raw: dict[str, Any], text: str, place: str, scale: str) -> None:
        lane = label.lane
        if lane == "emotions":
            for line in filter(None, map(str.strip, text.split("\n"))):
                self._feel(label, raw, line, place, label.scale or scale)
        elif lane in FACTS:
            if not FACTS[lane](raw, text):
                self._own(label, raw, text, place)
            else:
                self.items += 1
        elif lane == "channels":
            self._channels(label, raw, text, place)
        elif lane == "links":
            for line in split(text):
                self._link(label, raw, line, place)
        elif lane in ITEMS:
            self._add(raw.setdefault(lane, []), [{"text": piece} for piece in _pieces(text)], place)
        else:
            self._own(label, raw, text, place)

    def _feel(self, label: Label, raw: dict[str, Any], line: str, place: str, scale: str) -> None:
        said: Felt = felt(line)
        found = emotion(said, scale) if said.figure is None or scale else None
        if found is None:
            detail = f"{line[:80]!r} is no feeling on the scale {scale or '(none)'}; kept as a text."
            self.notices.append(Notice(place, "note", "off_scale", detail))
            self._own(label, raw, line, place)
            return
        if label.persona:
            found["persona"] = self._persona(label.persona, place)
        self._add(raw.setdefault("emotions", []), [found], place, most=EMOTIONS_MAX)

    def _persona(self, name: str, place: str) -> str:
        short = name_and_rest(name)[0]
        if short not in self.personas:
            if len(self.personas) == PERSONAS_MAX:
                self._lossy(place, "too_many", f"A map has at most {PERSONAS_MAX} personas.")
                return ""
            self.personas[short] = unused(slug(short) or "persona", self.personas.values())
        return self.personas[short]

    def _channels(self, label: Label, raw: dict[str, Any], text: str, place: str) -> None:
        said = [part.strip() for line in split(text) for part in re.split(r"[,;/+]|\s\|\s|\sand\s|&", line)]
        channels = raw.setdefault("channels", [])
        for part in filter(None, said):
            key = channel_of(part)
            if not key or len(channels) == CHANNELS_MAX:
                self._own(label, raw, part, place)
            elif key not in channels:
                channels.append(key)
                self.items += 1

    def _link(self, label: Label, raw: dict[str, Any], line: str, place: str) -> None:
        match = _LINK.match(line)
        if match is None or len(match[2]) > TEXT_MAX:
            self._own(label, raw, line, place)
            return
        text = one_line(match[1] or "")[:NAME_MAX]
        link = {"text": text, "href": match[2]} if text else {"href": match[2]}
        self._add(raw.setdefault("links", []), [link], place)

    def _own(self, label: Label, raw: dict[str, Any], text: str, place: str) -> None:
        """Put a text into a custom lane of the row's name."""
        named = label.lane.partition(":")[2]
        row = named or (label.lane, label.text)
        if row not in self._lane_keys:
            if len(self.lanes) == LANES_MAX:
                self._lossy(place, "too_many", f"A map has at most {LANES_MAX} lanes of its own; left out.")
                return
            key = unused(named or slug(label.text) or "lane", self.lanes)
            self._lane_keys[row] = key
            self.lanes[key] = name_and_rest(label.text)[0]
        items = raw.setdefault("lane_items", {}).setdefault(self._lane_keys[row], [])
        self._add(items, [{"text": piece} for piece in _pieces(text)], place)

    def _add(self, lane: list[Any], entries: list[dict[str, Any]], place: str, most: int = ITEMS_MAX) -> None:
        room = most - len(lane)
        lane.extend(entries[:room])
        self.items += min(len(entries), room)
        if len(entries) > room:
            detail = f"A touchpoint has at most {most} entries in a lane; {len(entries) - room} are left out."
            self._lossy(place, "too_many", detail)

    def _lossy(self, place: str, code: str, detail: str) -> None:
        self.notices.append(Notice(place, "lossy", code, detail))


def _pieces(text: str) -> list[str]:
    return [piece for item in split(text) for piece in pieces(item)]
