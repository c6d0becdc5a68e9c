"""Texts as people type them, made fit for the document: characters, spaces, lengths, keys."""

from __future__ import annotations

import re
from collections.abc import Iterable

from journeys.document.words import TEXT_MAX

from .wording import short_name

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029|\x85")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return the text without control characters and outer white space; lines end with LF."""
    return _UNSTORABLE.sub("", _NEWLINES.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """Return the cleaned text with every run of white space as one space."""
    return _SPACES.sub(" ", clean(text))


def name_and_rest(text: str) -> tuple[str, str]:
    """Return a name of at most 200 characters, and the whole text where the name could not hold it."""
    line = one_line(text)
    name = short_name(line)
    return name, "" if name == line else line


def pieces(text: str, most: int = TEXT_MAX) -> list[str]:
    """Return the text in pieces of at most `most` characters, cut at white space where there is any."""
    found = []
    while len(text) > most:
        cut = max(text.rfind(" ", 0, most), text.rfind("\n", 0, most))
        cut = cut if cut > most // 2 else most
        found.append(text[:cut].strip())
        text = text[cut:].strip()
    return [piece for piece in (*found, text) if piece]


def unused(key: str, taken: Iterable[str]) -> str:
    """Return the key, with a number where it is taken."""
    used = set(taken)
    if key not in used:
        return key
    return next(f"{key}-{n}" for n in range(2, len(used) + 3) if f"{key}-{n}" not in used)
