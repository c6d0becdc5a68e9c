"""Foreign text made to fit the document: names that are short enough, keys for what has only a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from journeys.document.words import NAME_MAX, SLUG_MAX

_OTHER = re.compile(r"[^a-z0-9]+")


def short_name(text: str) -> str:
    """Return the text as a name: cut at 200 characters where it is longer."""
    return text if len(text) <= NAME_MAX else text[: NAME_MAX - 1] + "…"


def slug(text: str) -> str:
    """Return the text as a key: lower-case ASCII letters and digits, joined by hyphens; "" if none."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = _OTHER.sub("-", ascii_only.lower()).strip("-")[: SLUG_MAX - 8].strip("-")
    return "" if _is_id(found) else found


def keys_for(names: Iterable[str], fallback: str) -> dict[str, str]:
    """Return {name: key} for distinct names: their slugs, numbered where two are equal or nothing is left."""
    keys: dict[str, str] = {}
    taken: dict[str, int] = {}
    for name in names:
        if name in keys:
            continue
        base = slug(name) or fallback
        number = taken.get(base, 0) + 1
        key = base if number == 1 and slug(name) else f"{base}-{number}"
        while key in taken:
            number += 1
            key = f"{base}-{number}"
        taken[base] = number
        taken.setdefault(key, 1)
        keys[name] = key
    return keys


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
