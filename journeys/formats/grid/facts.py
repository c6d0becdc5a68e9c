"""Rows that hold one fact of a touchpoint: each takes a text, or says that it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from journeys.document.words import NAME_MAX, TEXT_MAX

Fact = Callable[[dict[str, Any], str], bool]
"""Puts the text into the raw touchpoint; False where it is no such fact."""

_YES = frozenset(
    {"yes", "y", "x", "true", "1", "✓", "✔", "★", "*", "!", "ja", "oui", "mot", "moment of truth"}
)
_NO = frozenset({"no", "n", "false", "0", "-", "–", "✗", "nein", "non"})
_SHARE = re.compile(r"(?:0(?:\.\d+)?|1(?:\.0+)?|\d(?:\.\d+)?e-\d+)\Z")
_SLUG = re.compile(r"[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z")


def _text(name: str, most: int) -> Fact:
    def fill(raw: dict[str, Any], text: str) -> bool:
        longer = f"{raw[name]}\n{text}" if name in raw else text
        if len(longer) > most:
            return False
        raw[name] = longer
        return True

    return fill


def _share(name: str) -> Fact:
    def fill(raw: dict[str, Any], text: str) -> bool:
        if name in raw or not _SHARE.match(text):
            return False
        raw[name] = float(text)
        return True

    return fill


def _truth(raw: dict[str, Any], text: str) -> bool:
    if text.lower() in _YES:
        raw["moment_of_truth"] = True
    return text.lower() in _YES | _NO


def _visibility(raw: dict[str, Any], text: str) -> bool:
    word = text.lower().replace("-", "").replace(" ", "").removesuffix("stage")
    if word in ("front", "back"):
        raw["visibility"] = word
    return word in ("front", "back")


def _kind(raw: dict[str, Any], text: str) -> bool:
    if "kind" in raw or not _SLUG.match(text):
        return False
    raw["kind"] = text
    return True


FACTS: Mapping[str, Fact] = {
    "description": _text("description", TEXT_MAX),
    "owner": _text("owner", NAME_MAX),
    "performance_standard": _text("performance_standard", TEXT_MAX),
    "importance": _share("importance"),
    "expectation": _share("expectation"),
    "perception": _share("perception"),
    "moment_of_truth": _truth,
    "visibility": _visibility,
    "kind": _kind,
}
