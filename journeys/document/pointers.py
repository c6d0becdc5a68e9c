"""JSON Pointers (RFC 6901)."""

from __future__ import annotations

_TOKEN_MAX = 120


def pointer(*parts: str | int) -> str:
    """Return the pointer to a member: pointer("stages", 0, "a/b") == "/stages/0/a~1b".

    A name that only a hostile client would choose is made fit to be shown: cut at 120 characters, half
    surrogate pairs written as escapes.
    """
    return "".join("/" + _token(str(part)) for part in parts)


def escaped(name: str) -> str:
    """Return a name as it is spelled between the slashes of a pointer, whole."""
    return name.replace("~", "~0").replace("/", "~1")


def _token(part: str) -> str:
    if len(part) > _TOKEN_MAX:
        part = part[:_TOKEN_MAX] + "…"
    if not part.isascii():
        part = part.encode("utf-8", "backslashreplace").decode()
    return escaped(part)
