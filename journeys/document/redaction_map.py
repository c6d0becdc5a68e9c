"""What a map says of itself in words, beside what its stages, personas and clusters say: taken out of it.

Identities, figures, dates, choices and words of vocabularies stay: they say nothing of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Plain = dict[str, Any]
Goes = Callable[[str], bool]

REDACTED = "[redacted]"
TEXTS = (
    "description",
    "actor_label",
    "scenario",
    "customer_goal",
    "organisation_objective",
    "marketing_objective",
    "notice",
)
INNER = {"time_window": ("label",), "review": ("owner",), "outcome": ("event", "description")}
"""Members that hold words beside other things: what of them is words."""


def without_words(root: Plain, goes: Goes) -> Plain:
    """Return the root of a document without those of its words that `goes` names.

    What must say something says `[redacted]`: the map's name, and the labels of lanes.
    """
    kept = {name: value for name, value in root.items() if name not in TEXTS or not goes(value)}
    kept["name"] = _label(root["name"], goes)
    for member, words in INNER.items():
        _replace(kept, member, _less(root.get(member, {}), words, goes))
    pairs = {name: value for name, value in root.get("attributes", {}).items() if not goes(value)}
    _replace(kept, "attributes", pairs)
    _replace(kept, "lanes", [_lane(lane, goes) for lane in root.get("lanes", [])])
    _replace(kept, "transitions", [_less(way, ("label",), goes) for way in root.get("transitions", [])])
    return kept


def _replace(kept: Plain, member: str, value: Plain | list[Plain]) -> None:
    """Put in what is left of a member; canonical form leaves out what is empty."""
    if value:
        kept[member] = value
    else:
        kept.pop(member, None)


def _lane(lane: Plain, goes: Goes) -> Plain:
    return {**_less(lane, ("description",), goes), "label": _label(lane["label"], goes)}


def _label(text: str, goes: Goes) -> str:
    return REDACTED if goes(text) else text


def _less(entry: Plain, words: tuple[str, ...], goes: Goes) -> Plain:
    return {name: value for name, value in entry.items() if name not in words or not goes(value)}
