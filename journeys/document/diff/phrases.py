"""Values and members in words, fit for Markdown: what people wrote stays text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .changes import Change
from .fields import members_named

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_LONGEST = 300


def safe(text: str, longest: int = _LONGEST) -> str:
    """Return text on one line, with what Markdown or HTML would take for markup escaped."""
    line = " ".join(text.split())
    if len(line) > longest:
        line = line[:longest] + "…"
    return _SPECIAL.sub(r"\\\1", line)


def quoted(value: Any) -> str:
    """Return a value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(quoted(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{safe(str(name))}: {quoted(one)}" for name, one in value.items())
    return f"“{safe(str(value))}”"


def member(field: str) -> str:
    """Return a field in words: `attributes/team` → attributes team."""
    return safe(" ".join(members_named(field)).replace("_", " "))


def lane_name(place_member: str) -> str:
    """Return a lane in words: `lane_items/tools` → tools."""
    return safe(place_member.removeprefix("lane_items/").replace("_", " "))


def altered(change: Change) -> str:
    """Return what became of one member."""
    if change.verb == "renamed" and change.before and change.after:
        return f"renamed from {quoted(change.before)} to {quoted(change.after)}"
    if change.before is None:
        return f"{member(change.field)}: set to {quoted(change.after)}"
    if change.after is None:
        return f"{member(change.field)}: taken away, was {quoted(change.before)}"
    return f"{member(change.field)}: {quoted(change.before)} → {quoted(change.after)}"
