"""Mappings are applied to bodies, item by item; what came of it is an `Extract`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from kpis.connectors.base import PullFailed
from kpis.connectors.leads import MOST_FOLLOWED, Trail, led_to
from kpis.connectors.mapping.conditions import holds, is_of_item
from kpis.connectors.mapping.figures import has_figure, reading_of, retraction_of, said_in
from kpis.connectors.mapping.words import HAPPENED, MAX_ISSUES, MAX_ITEMS, SIDES, TIMES, VALUE, Unfit
from kpis.connectors.paths import TooMuchWork, find_all, find_one, metered
from service.errors import Issue


@dataclass
class Extract:
    """What mappings made of a body: reading items, nulls left out, items that did not fit.

    places: of each item, where it stands among the items of its mapping. slots: the labels that its mapping
    gives, constant ones with their text: items of one slot and external id are about one thing. sides:
    value, or numerator or denominator of a rate that counts things. said: what people said beside their
    figures, or instead of them: items of kpis.actions.feedback, `place` among those of the mapping.
    followed: URLs whose documents were read, leads: those whose documents are not here.
    seen: items looked at. issues: the first of the unfit.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    seen: int = 0
    nulls: int = 0
    skipped: int = 0
    unfit: int = 0
    issues: list[Issue] = field(default_factory=list)

    def bases_at(self, at: datetime) -> None:
        """Give bases for which no time was named the instant of their pull or message."""
        for item in self.items:
            if "base" in item and not any(name in item for name in ("period", *TIMES)):
                item["observed_at"] = at

    def note(self, reading: dict[str, Any], place: int, slot: str, side: str) -> None:
        """Add a reading that was found."""
        self.items.append(reading)
        self.places.append(place)
        self.slots.append(slot)
        self.sides.append(side)

    def name(self, pointer: str, code: str, detail: str) -> None:
        """Count what did not fit, and name it while few were named."""
        self.unfit += 1
        if len(self.issues) < MAX_ISSUES:
            self.issues.append(Issue(pointer, code, detail))

    def add(self, other: Extract) -> None:
        """Add what was found in what comes after."""
        self.items += other.items
        self.places += other.places
        self.slots += other.slots
        self.sides += other.sides
        self.said += other.said
        self.followed += other.followed
        self.leads += other.leads
        self.seen += other.seen
        self.nulls += other.nulls
        self.skipped += other.skipped
        self.unfit += other.unfit
        self.issues += other.issues[: MAX_ISSUES - len(self.issues)]


def extract(mappings: list[dict[str, Any]], *bodies: Any, trail: Trail | None = None) -> Extract:
    """Apply every mapping to each of `bodies` (parsed with exact decimals). trail: what they lead to.

    Issues point at the item: its number among those of its mapping, in all bodies.
    """
    found = Extract()
    with metered():
        _extract(mappings, bodies, found, [0] * len(mappings), trail)
    return found


def extract_parts(
    mappings: list[dict[str, Any]], parts: Iterable[list[Any]], *, may_end: bool
) -> tuple[Extract, int | None]:
    """Apply every mapping to the documents of each part, in turn; see `extract`.

    may_end: the parts after those that fit (in items, in work) can be read another time. Then the second
    result is the number of the first of them; None when all were read.
    """
    if not may_end:
        return extract(mappings, *chain.from_iterable(parts)), None
    found, places = Extract(), [0] * len(mappings)
    with metered():
        for number, documents in enumerate(parts):
            one, reached = Extract(), list(places)
            whole = _extract(mappings, documents, one, reached, None)
            if number and (not whole or found.seen + one.seen > MAX_ITEMS):
                return found, number
            found.add(one)
            places = reached
    return found, None


def _taken_back(mappings: list[dict[str, Any]], rule: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what a rule with `retract` takes back, as slot, side and op: all that rules of its KPI say of a
    thing."""
    told = [one for one in mappings if "retract" not in one and has_figure(one)]
    told = [one for one in told if one["kpi"] == rule["kpi"]] or told
    found: list[dict[str, str]] = []
    for one in told:
        op = one.get("op", VALUE)
        side = {"side": op if op in SIDES else VALUE, "op": op if op in HAPPENED else ""}
        if (taken := {"slot": _slot_of(one), **side}) not in found:
            found.append(taken)
    return found


def _extract(
    mappings: list[dict[str, Any]],
    bodies: Iterable[Any],
    found: Extract,
    places: list[int],
    trail: Trail | None,
) -> bool:
    """Apply the mappings; say whether the work sufficed. places: of each mapping its next item."""
    number = 0
    try:
        for number, mapping in enumerate(mappings):
            takes = _taken_back(mappings, mapping) if "retract" in mapping else []
            for body in bodies:
                at = places[number]
                places[number] += _apply(mapping, body, found, f"/mappings/{number}", at, trail, takes)
    except TooMuchWork:
        found.name(
            f"/mappings/{number}",
            "too_much_work",
            "The paths ask for too much work on this body: what they had not read by then is left out.",
        )
        return False
    return True


def _apply(
    mapping: Mapping[str, Any],
    body: Any,
    found: Extract,
    pointer: str,
    first: int,
    trail: Trail | None,
    takes: Sequence[Mapping[str, str]],
) -> int:
    """Read the items of one body, which are numbered from `first`; return how many there are.

    takes: of a rule that takes back, what.
    """
    room = MAX_ITEMS - found.seen
    items = find_all(mapping.get("each", mapping.get("items", "$")), body, room + 1)
    side = mapping.get("op", VALUE)
    side = VALUE if side in HAPPENED else side
    slot = _slot_of(mapping)
    if len(items) > room:
        found.name(f"{pointer}/items", "too_many_items", f"Only the first {MAX_ITEMS} items are read.")
        del items[room:]
    found.seen += len(items)
    for place, item in enumerate(items, first):
        try:
            if "follow" in mapping:
                item = {"item": item}
                if not all(holds(one, item) for one in mapping.get("when", []) if is_of_item(one)):
                    found.skipped += 1
                    continue
                if not _follow(mapping["follow"], item, found, trail):
                    continue
            if not all(holds(condition, item) for condition in mapping.get("when", [])):
                found.skipped += 1
                continue
            if "retract" in mapping:
                for one in takes:
                    found.note(retraction_of(mapping, item, one["op"]), place, one["slot"], one["side"])
                continue
            if said := said_in(mapping, item):
                found.said.append(said | {"place": place})
            if not has_figure(mapping):
                found.nulls += said is None
                continue
            reading = reading_of(mapping, item)
        except Unfit as error:
            found.name(f"{pointer}/items/{place}", "unfit", str(error))
            continue
        if reading is None:
            found.nulls += 1
        else:
            found.note(reading, place, slot, side)
    return len(items)


def _follow(rule: Mapping[str, Any], item: dict[str, Any], found: Extract, trail: Trail | None) -> bool:
    """Put the document that an item leads to beside it; False where it is not here, which is noted."""
    if trail is None:
        raise Unfit("The endpoint does not say what it may `fetch`.")
    try:
        url = led_to(rule, find_one(rule.get("path", "$"), item["item"]), trail.base)
    except PullFailed as error:
        raise Unfit(str(error)) from None
    if url is None:
        raise Unfit("The item has no id or URL to follow.")
    if not trail.keeps_to(url):
        raise Unfit("The item leads to another host than that of `fetch`.")
    if url not in found.followed and url not in found.leads:
        if len(found.followed) + len(found.leads) >= MOST_FOLLOWED:
            raise Unfit(f"Only {MOST_FOLLOWED} documents are followed from one message.")
        (found.followed if url in trail.documents else found.leads).append(url)
    if url in found.leads:
        return False
    item["followed"] = trail.documents[url]
    return True


def _slot_of(mapping: Mapping[str, Any]) -> str:
    if mapping.get("op") in SIDES:
        return ""
    labels = mapping.get("labels", {}).items()
    return ",".join(sorted(f"{name}={rule['const']}" if "const" in rule else name for name, rule in labels))
