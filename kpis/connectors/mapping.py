"""From a system's own JSON to readings: rules are data, never code.

A mapping names a KPI, where the items are (`items`, a path into the whole body) and, relative to
each item, the paths of value, numerator, denominator, n, distribution, time, labels and external id:

    {"kpi": "visitors", "items": "$.data[*]", "value": "$.users", "start": "$._start_at",
     "end": "$._end_at", "labels": {"page": {"path": "$.page"}, "country": {"const": "gb"}}}

Rules of inbound endpoints are mappings that call their items `each`, may give a `const` in place of a value
(what happened is counted), and by `op` say one side of a rate: the thing that `external_id` names was
delivered (denominator), was opened (numerator).

Where a rule has a `follow`, each item leads to a document, as in `http_json`: its paths are relative to
{"item": …, "followed": …}, and conditions on `$.item` are judged before anything is followed.

Where a rule has a `text_path`, what stands there is what somebody said with the figure, or instead of one:
`journey_map`, `element` and `channel` say plainly where and how.

Of a KPI over a stock `joined`, `lost`, `lost_new` and `grown` are paths of the flows of a period; `base` is
the path of how many there are, `base_of` one whose nodes are counted (a list of customers seeds churn), as
of the pull or message where no time is named. A rule with `op` joined or lost tells what happened to one
thing.

`when` keeps an item only if all its conditions hold. `value_map` replaces words by numbers, `scale`
multiplies (cents to euros: 0.01), `unit` says whether a share is a fraction or a percentage, `cast`
says how times are written (instant, date, epoch, epoch_ms). An item whose figure is null is no
reading: it is counted, never turned into 0.

Bodies come from strangers, so all of it is bounded: the items, the work of the paths, the size of a number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kpis.connectors.base import PullFailed
from kpis.connectors.leads import MOST_FOLLOWED, Trail, led_to
from kpis.connectors.paths import TooMuchWork, find_all, find_one, metered
from kpis.series.intake import MOST_KEY
from service.errors import Issue

VALUE = "value"
SIDES = ("numerator", "denominator")
HAPPENED = ("joined", "lost")
FIGURES = ("value", "numerator", "denominator", "n")
FLOWS = ("joined", "lost", "lost_new", "grown")
BASES = ("base", "base_of")
TIMES = ("start", "end", "observed_at")
CASTS = ("instant", "date", "epoch", "epoch_ms")
MAX_ISSUES = 20
MAX_ITEMS = 20_000
MOST_TEXT, MOST_SCORE = 10_000, 10**9
# Wider than any KPI takes; a text like "1e999999999" must not be worked out.
_MOST_CHARS, _MOST_EXPONENT = 64, 400
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


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

    def name(self, pointer: str, code: str, detail: str) -> None:
        """Count what did not fit, and name it while few were named."""
        self.unfit += 1
        if len(self.issues) < MAX_ISSUES:
            self.issues.append(Issue(pointer, code, detail))


class _Unfit(ValueError):
    """A value of an item that cannot be what the mapping says."""


def extract(mappings: list[dict[str, Any]], *bodies: Any, trail: Trail | None = None) -> Extract:
    """Apply every mapping to each of `bodies` (parsed with exact decimals). trail: what they lead to.

    Issues point at the item: its number among those of its mapping, in all bodies.
    """
    found = Extract()
    number = 0
    try:
        with metered():
            for number, mapping in enumerate(mappings):
                place = 0
                for body in bodies:
                    place += _apply(mapping, body, found, f"/mappings/{number}", place, trail)
    except TooMuchWork:
        found.name(
            f"/mappings/{number}",
            "too_much_work",
            "The paths ask for too much work on this body: what they had not read by then is left out.",
        )
    return found


def _apply(
    mapping: Mapping[str, Any], body: Any, found: Extract, pointer: str, first: int, trail: Trail | None
) -> int:
    """Read the items of one body, which are numbered from `first`; return how many there are."""
    room = MAX_ITEMS - found.seen
    items = find_all(mapping.get("each", mapping.get("items", "$")), body, room + 1)
    side = mapping.get("op", VALUE)
    side = VALUE if side in HAPPENED else side
    slot = "" if side in SIDES else _slot(mapping)
    if len(items) > room:
        found.name(f"{pointer}/items", "too_many_items", f"Only the first {MAX_ITEMS} items are read.")
        del items[room:]
    found.seen += len(items)
    for place, item in enumerate(items, first):
        try:
            if "follow" in mapping:
                item = {"item": item}
                if not all(_holds(one, item) for one in mapping.get("when", []) if _is_of_item(one)):
                    found.skipped += 1
                    continue
                if not _follow(mapping["follow"], item, found, trail):
                    continue
            if not all(_holds(condition, item) for condition in mapping.get("when", [])):
                found.skipped += 1
                continue
            if said := _said(mapping, item):
                found.said.append(said | {"place": place})
            if not _has_figure(mapping):
                found.nulls += said is None
                continue
            reading = _reading(mapping, item)
        except _Unfit as error:
            found.name(f"{pointer}/items/{place}", "unfit", str(error))
            continue
        if reading is None:
            found.nulls += 1
        else:
            found.items.append(reading)
            found.places.append(place)
            found.slots.append(slot)
            found.sides.append(side)
    return len(items)


def _is_of_item(condition: Mapping[str, Any]) -> bool:
    path: str = condition["path"]
    return path.startswith("$.item") and path[6:7] in ("", ".", "[")


def _follow(rule: Mapping[str, Any], item: dict[str, Any], found: Extract, trail: Trail | None) -> bool:
    """Put the document that an item leads to beside it; False where it is not here, which is noted."""
    if trail is None:
        raise _Unfit("The endpoint does not say what it may `fetch`.")
    try:
        url = led_to(rule, find_one(rule.get("path", "$"), item["item"]), trail.base)
    except PullFailed as error:
        raise _Unfit(str(error)) from None
    if url is None:
        raise _Unfit("The item has no id or URL to follow.")
    if not trail.keeps_to(url):
        raise _Unfit("The item leads to another host than that of `fetch`.")
    if url not in found.followed and url not in found.leads:
        if len(found.followed) + len(found.leads) >= MOST_FOLLOWED:
            raise _Unfit(f"Only {MOST_FOLLOWED} documents are followed from one message.")
        (found.followed if url in trail.documents else found.leads).append(url)
    if url in found.leads:
        return False
    item["followed"] = trail.documents[url]
    return True


def _slot(mapping: Mapping[str, Any]) -> str:
    labels = mapping.get("labels", {}).items()
    return ",".join(sorted(f"{name}={rule['const']}" if "const" in rule else name for name, rule in labels))


def _holds(condition: Mapping[str, Any], item: Any) -> bool:
    value = find_one(condition["path"], item)
    if "equals" in condition:
        return _same(value, condition["equals"])
    if "one_of" in condition:
        return any(_same(value, one) for one in condition["one_of"])
    return (value is not None) is condition.get("exists", True)


def _same(value: Any, wanted: Any) -> bool:
    """Compare as JSON does: true is not 1, and 0.1 is 0.1 whether it was read exactly or not."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, float):
        wanted = Decimal(str(wanted))
    if isinstance(value, float):
        value = Decimal(str(value))
    return bool(value == wanted)


def _reading(mapping: Mapping[str, Any], item: Any) -> dict[str, Any] | None:
    """Return the item's reading, None when it carries no figure."""
    reading: dict[str, Any] = {"kpi": mapping["kpi"]}
    if "const" in mapping:
        reading["value"] = Decimal(str(mapping["const"]))
    for name in FIGURES:
        if name in mapping:
            number = _number(mapping, name, find_one(mapping[name], item))
            if number is None and name != "n":
                return None
            if number is not None:
                reading[name] = number
    if "distribution" in mapping:
        counts = {step: _count(step, find_one(path, item)) for step, path in mapping["distribution"].items()}
        if all(count is None for count in counts.values()):
            return None
        reading["distribution"] = {step: count or 0 for step, count in counts.items()}
    if not _stock(mapping, item, reading):
        return None
    if "unit" in mapping:
        reading["unit"] = mapping["unit"]
    reading |= _times(mapping, item)
    reading["labels"] = {name: _label(name, rule, item) for name, rule in mapping.get("labels", {}).items()}
    if paths := _id_paths(mapping):
        reading["external_id"] = _joined([_id(path, item) for path in paths])
    return reading


def _has_figure(mapping: Mapping[str, Any]) -> bool:
    """A rule with `text_path` may have no figure at all: then what was said is all there is to record."""
    return "text_path" not in mapping or any(
        name in mapping for name in (*FIGURES[:3], "distribution", "const", "op", *FLOWS, *BASES)
    )


def _said(mapping: Mapping[str, Any], item: Any) -> dict[str, Any] | None:
    """Return what somebody said with the item, None where nobody did."""
    text = find_one(mapping["text_path"], item) if "text_path" in mapping else None
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if not isinstance(text, str):
        raise _Unfit(f"{mapping['text_path']} is no text: {_shown(text)}.")
    said: dict[str, Any] = {"text": text[:MOST_TEXT], "kpi": mapping["kpi"]}
    said |= {name: mapping[name] for name in ("journey_map", "element", "channel") if name in mapping}
    score = _number(mapping, "value", find_one(mapping["value"], item)) if "value" in mapping else None
    if score is not None and -MOST_SCORE <= score <= MOST_SCORE:
        said["score"] = float(score)
    times = _times(mapping, item)
    at = next((times[name] for name in ("observed_at", "end", "start") if name in times), None)
    if at is not None:
        said["observed_at"] = at
    said["labels"] = {name: _label(name, rule, item) for name, rule in mapping.get("labels", {}).items()}
    if paths := _id_paths(mapping):
        said["external_id"] = _joined([_id(path, item) for path in paths])
    return said


def _id_paths(mapping: Mapping[str, Any]) -> list[str]:
    found: list[str] = mapping.get("external_ids") or []
    return found or [mapping[name] for name in ("external_id",) if name in mapping]


def _stock(mapping: Mapping[str, Any], item: Any, reading: dict[str, Any]) -> bool:
    """Put what the item says of a stock into the reading; False where it says nothing of what it should."""
    if "op" in mapping:
        reading["side"] = mapping["op"]
    told = {name: _number(mapping, name, find_one(mapping[name], item)) for name in FLOWS if name in mapping}
    if told:
        reading["flows"] = {name: amount for name, amount in told.items() if amount is not None}
    if "base" in mapping:
        reading["base"] = _number(mapping, "base", find_one(mapping["base"], item))
    if "base_of" in mapping:
        reading["base"] = len(find_all(mapping["base_of"], item, MAX_ITEMS + 1))
        if reading["base"] > MAX_ITEMS:
            raise _Unfit(f"{mapping['base_of']} has more than {MAX_ITEMS} nodes: give their number as base.")
    return not told or bool(reading["flows"]) if "base" not in reading else reading["base"] is not None


def _joined(parts: list[str]) -> str:
    """Several texts as one id, by its hash where that would not fit."""
    id = ":".join(parts)
    return id if len(parts) == 1 or len(id) <= MOST_KEY else hashlib.sha256(id.encode()).hexdigest()


def _id(path: str, item: Any) -> str:
    found = find_one(path, item)
    if not isinstance(found, (str, int)) or isinstance(found, bool):
        raise _Unfit(f"{path} is no id: {_shown(found)}.")
    return str(found)


def _number(mapping: Mapping[str, Any], name: str, raw: Any) -> Decimal | int | None:
    if raw is None:
        return None
    if isinstance(raw, str) and raw in mapping.get("value_map", {}):
        raw = mapping["value_map"][raw]
    number = _decimal(raw)
    if number is None:
        raise _Unfit(f"{mapping[name]} is no number: {_shown(raw)}.")
    if name == "n":
        return _count(name, raw)
    return number * Decimal(str(mapping["scale"])) if "scale" in mapping and name == "value" else number


def _decimal(raw: Any) -> Decimal | None:
    """Return the number that JSON, or a plain text in it, writes; None for anything else."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        return None
    text = str(raw)
    if len(text) > _MOST_CHARS or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    if not number:
        return Decimal(0)  # without the exponent that it may carry
    return number if abs(number.adjusted()) <= _MOST_EXPONENT else None


def _count(name: str, raw: Any) -> int | None:
    if raw is None:
        return None
    number = None if isinstance(raw, str) else _decimal(raw)
    if number is None or number != number.to_integral_value():
        raise _Unfit(f"{name} is no whole number: {_shown(raw)}.")
    return int(number)


def _times(mapping: Mapping[str, Any], item: Any) -> dict[str, Any]:
    if "period" in mapping:
        period = find_one(mapping["period"], item)
        if not isinstance(period, (str, int)) or isinstance(period, bool):
            raise _Unfit(f"{mapping['period']} is no period: {_shown(period)}.")
        return {"period": str(period)}
    return {name: _instant(mapping, find_one(mapping[name], item)) for name in TIMES if name in mapping}


def _instant(mapping: Mapping[str, Any], raw: Any) -> datetime:
    """Read a time as `cast` says; one without an offset is in the mapping's `zone`, else UTC."""
    cast, zone = mapping.get("cast", "instant"), ZoneInfo(mapping.get("zone", "UTC"))
    try:
        if cast in {"epoch", "epoch_ms"}:
            ticks = _decimal(raw)
            if ticks is None:
                raise ValueError
            factor = 1_000 if cast == "epoch_ms" else 1_000_000
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(ticks * factor))
        if cast == "date":
            day = date.fromisoformat(raw)
            return datetime(day.year, day.month, day.day, tzinfo=zone)
        parsed = datetime.fromisoformat(raw)
    except (ValueError, TypeError, OverflowError):
        raise _Unfit(f"No {cast}: {_shown(raw)}.") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)


def _label(name: str, rule: Mapping[str, Any], item: Any) -> str:
    value = rule["const"] if "const" in rule else find_one(rule["path"], item)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _Unfit(f"The label {name} is no text: {_shown(value)}.")
    return str(value)


def _shown(value: Any) -> str:
    """A value as it may be told: short, since what arrives can hold anything."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    text = repr(value[:60] if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "…"
