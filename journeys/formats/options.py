"""Options of readers: few, by name, each checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Notice

TEXT_MAX = 200


def texts(options: Mapping[str, Any], *names: str) -> tuple[dict[str, str], tuple[Notice, ...]]:
    """Return ({name: text} of the options that are lines of text, what is wrong with them)."""
    given: dict[str, str] = {}
    wrong: list[Notice] = []
    for name in names:
        value = options.get(name)
        if value is None:
            continue
        if isinstance(value, str) and value.strip() and len(value) <= TEXT_MAX:
            given[name] = value
        else:
            detail = f"`{name}` is text of 1 to {TEXT_MAX} characters."
            wrong.append(Notice("options", "invalid", "invalid_option", detail))
    return given, tuple(wrong)
