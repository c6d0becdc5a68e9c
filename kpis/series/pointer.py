"""JSON Pointers (RFC 6901) to what is wrong."""

from __future__ import annotations


def pointer(*tokens: object) -> str:
    """Return the pointer through `tokens`, escaped: ("distribution", "a/b") gives `/distribution/a~1b`."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
