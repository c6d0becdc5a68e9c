"""What an item says: its figure, what it says of a stock, and what somebody said with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpis.connectors.mapping.scalars import count_at, id_of, label_of, number_at, shown, times_of
from kpis.connectors.mapping.words import BASES, FIGURES, FLOWS, MAX_ITEMS, MOST_SCORE, MOST_TEXT, Unfit
from kpis.connectors.paths import find_all, find_one


def reading_of(mapping: Mapping[str, Any], item: Any) -> dict[str, Any] | None:
    """Return the item's reading, None when it carries no figure."""
    reading: dict[str, Any] = {"kpi": mapping["kpi"]}
    if "const" in mapping:
        reading["value"] = Decimal(str(mapping["const"]))
    for name in FIGURES:
        if name in mapping:
            number = number_at(mapping, name, find_one(mapping[name], item))
            if number is None and name != "n":
                return None
            if number is not None:
                reading[name] = number
    if "distribution" in mapping:
        counts = {
            step: count_at(step, find_one(path, item)) for step, path in mapping["distribution"].items()
        }
        if all(count is None for count in counts.values()):
            return None
        reading["distribution"] = {step: count or 0 for step, count in counts.items()}
    if not _stock(mapping, item, reading):
        return None
    if "unit" in mapping:
        reading["unit"] = mapping["unit"]
    reading |= times_of(mapping, item)
    reading["labels"] = {name: label_of(name, rule, item) for name, rule in mapping.get("labels", {}).items()}
    if (id := id_of(mapping, item)) is not None:
        reading["external_id"] = id
    return reading


def retraction_of(mapping: Mapping[str, Any], item: Any, op: str) -> dict[str, Any]:
    """Return the item as what takes back what was told of the thing that it names. op: of a stock, or ""."""
    reading = {"kpi": mapping["kpi"], "external_id": id_of(mapping, item), "retract": True, "labels": {}}
    return reading | {"side": op} if op else reading


def _stock(mapping: Mapping[str, Any], item: Any, reading: dict[str, Any]) -> bool:
    """Put what the item says of a stock into the reading; False where it says nothing of what it should."""
    if "op" in mapping:
        reading["side"] = mapping["op"]
    told = {
        name: number_at(mapping, name, find_one(mapping[name], item)) for name in FLOWS if name in mapping
    }
    if told:
        reading["flows"] = {name: amount for name, amount in told.items() if amount is not None}
    if "base" in mapping:
        reading["base"] = number_at(mapping, "base", find_one(mapping["base"], item))
    if "base_of" in mapping:
        reading["base"] = len(find_all(mapping["base_of"], item, MAX_ITEMS + 1))
        if reading["base"] > MAX_ITEMS:
            raise Unfit(f"{mapping['base_of']} has more than {MAX_ITEMS} nodes: give their number as base.")
    return not told or bool(reading["flows"]) if "base" not in reading else reading["base"] is not None


def has_figure(mapping: Mapping[str, Any]) -> bool:
    """A rule with `text_path` may have no figure at all: then what was said is all there is to record."""
    return "text_path" not in mapping or any(
        name in mapping for name in (*FIGURES[:3], "distribution", "const", "op", *FLOWS, *BASES)
    )


def said_in(mapping: Mapping[str, Any], item: Any) -> dict[str, Any] | None:
    """Return what somebody said with the item, None where nobody did."""
    text = find_one(mapping["text_path"], item) if "text_path" in mapping else None
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    if not isinstance(text, str):
        raise Unfit(f"{mapping['text_path']} is no text: {shown(text)}.")
    said: dict[str, Any] = {"text": text[:MOST_TEXT], "kpi": mapping["kpi"]}
    said |= {name: mapping[name] for name in ("journey_map", "element", "channel") if name in mapping}
    score = number_at(mapping, "value", find_one(mapping["value"], item)) if "value" in mapping else None
    if score is not None and -MOST_SCORE <= score <= MOST_SCORE:
        said["score"] = float(score)
    times = times_of(mapping, item)
    at = next((times[name] for name in ("observed_at", "end", "start") if name in times), None)
    if at is not None:
        said["observed_at"] = at
    said["labels"] = {name: label_of(name, rule, item) for name, rule in mapping.get("labels", {}).items()}
    if (id := id_of(mapping, item)) is not None:
        said["external_id"] = id
    return said
