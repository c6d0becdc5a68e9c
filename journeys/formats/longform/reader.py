"""A table as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from journeys.document.pointers import pointer
from journeys.formats.base import Notice, ReadMap, unknown_options
from journeys.formats.options import texts
from journeys.formats.wording import keys_for

from .building import Building, Held
from .columns import COLUMNS, CUSTOM, OWN, STAGE, TOUCHPOINT, column_of
from .feelings import settle
from .rows import table_of

_OPTIONS = ("name", "emotion_scale")
_UNTITLED = "Untitled journey"
_HEAD = 2_000


def is_long_form(raw: bytes) -> bool:
    """Tell a long form from other CSV by its head: columns for stages and for touchpoints."""
    head = raw[:_HEAD].decode("utf-8-sig", "replace").splitlines()[:1]
    signs = ",;\t"
    cells = {column_of(cell.strip(' "')) for line in head for cell in _split(line, signs)}
    return bool(cells & set(STAGE)) and bool(cells & set(TOUCHPOINT))


def read_long_form(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read one map. Options: `name` where no row says it, `emotion_scale` of figures that name none."""
    given, wrong = texts(options, *_OPTIONS)
    table = table_of(raw)
    notices = [*unknown_options(options, _OPTIONS), *wrong, *table.notices]
    if not table.columns:
        return (ReadMap("", None, 0, tuple(notices)),)
    building = Building()
    for record in table.records:
        building.take(record)
    finished = _Finish(building, given)
    return (
        ReadMap(
            "",
            finished.document(),
            len(table.records),
            (*notices, *building.notices),
            finished.guessed,
            finished.places,
            whole=set(COLUMNS) <= set(table.columns),
        ),
    )


class _Finish:
    """From what the rows hold to the raw document."""

    def __init__(self, building: Building, given: Mapping[str, str]) -> None:
        self.building, self.given = building, given
        self.guessed: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def document(self) -> dict[str, Any]:
        raw = dict(self.building.root.raw)
        raw.setdefault("name", self.name())
        scale = settle(self.building.emotions, self.given.get("emotion_scale", ""))
        if scale:
            self.guess(
                "emotion_scale", scale, f"Figures of emotions are taken to stand on the scale {scale}."
            )
        if personas := self.personas():
            raw["personas"] = personas
        raw["stages"] = [
            self.stage(held, pointer("stages", index))
            for index, held in enumerate(_in_order(list(self.building.stages.values())))
        ]
        return raw

    def name(self) -> str:
        name = self.given.get("name", _UNTITLED)
        if "name" not in self.building.root.raw:
            self.guess("name", name, f"No row says `field` name; {name!r} is taken.")
        return name

    def personas(self) -> list[dict[str, Any]]:
        """Return the personas that rows tell of, and those that they only name."""
        found = [(who, held.raw, held.line) for who, held in self.building.personas.items()]
        for who, raw, _ in found:
            if "name" not in raw and "id" not in raw:
                raw["name"] = who
        refs = {who: raw.get("id") or raw.get("key") for who, raw, _ in found}
        known = {str(raw.get(member)) for _, raw, _ in found for member in ("id", "key") if raw.get(member)}
        known |= {str(raw["name"]) for _, raw, _ in found if raw.get("name")}
        unnamed = [who for who, ref in refs.items() if not ref]
        only_named = [
            who
            for who in self.building.named_people
            if who not in refs and who not in known and not _is_id(who)
        ]
        keys = keys_for([*unnamed, *only_named], "persona")
        for who, raw, _ in found:
            if not refs[who]:
                refs[who] = raw["key"] = _unused(keys[who], known)
        for who in only_named:
            refs[who] = _unused(keys[who], known)
            found.append((who, {"key": refs[who], "name": who}, self.building.named_people[who]))
        by_name = {str(raw["name"]): refs[who] for who, raw, _ in found if raw.get("name")}
        self.refer({**by_name, **refs})
        for index, (_, _, line) in enumerate(found):
            self.places[pointer("personas", index)] = f"line {line}"
        return [raw for _, raw, _ in found]

    def refer(self, refs: Mapping[str, Any]) -> None:
        for touchpoint in self.building.touchpoints.values():
            for held in (entry for lane in touchpoint.lanes.values() for entry in lane):
                if who := held.raw.get("persona"):
                    held.raw["persona"] = refs.get(who, who)

    def stage(self, held: Held, where: str) -> dict[str, Any]:
        self.places[where] = f"line {held.line}"
        inner = [
            self.touchpoint(touchpoint, where + pointer("touchpoints", index))
            for index, touchpoint in enumerate(_in_order(held.inner))
        ]
        return {**held.raw, **({"touchpoints": inner} if inner else {})}

    def touchpoint(self, held: Held, where: str) -> dict[str, Any]:
        self.places[where] = f"line {held.line}"
        raw = dict(held.raw)
        for lane, entries in held.lanes.items():
            custom = lane.removeprefix(CUSTOM) if lane not in OWN else ""
            path = ("lane_items", custom) if custom else (lane,)
            for index, entry in enumerate(entries):
                self.places[where + pointer(*path, index)] = f"line {entry.line}"
            rest = [entry.raw for entry in entries]
            if custom:
                raw.setdefault("lane_items", {})[custom] = rest
            else:
                raw[lane] = rest
        return raw

    def guess(self, option: str, value: str, detail: str) -> None:
        self.guessed[option] = value
        if option not in self.given:
            self.building.note(Notice("line 1", "note", f"{option}_guessed", detail))


def _in_order(held: Sequence[Held]) -> list[Held]:
    """Return things by their order; one without follows what stands above it."""
    order, ranked = float("-inf"), []
    for index, each in enumerate(held):
        order = order if each.order is None else each.order
        ranked.append((order, index, each))
    return [each for _, _, each in sorted(ranked, key=lambda rank: rank[:2])]


def _unused(key: str, taken: set[str]) -> str:
    number, found = 1, key
    while found in taken:
        number += 1
        found = f"{key}-{number}"
    taken.add(found)
    return found


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _split(line: str, signs: str) -> list[str]:
    for sign in signs[1:]:
        line = line.replace(sign, signs[0])
    return line.split(signs[0])
