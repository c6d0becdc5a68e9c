"""The one spelling of a document: what is null, empty or default is left out, names are sorted.

So a member that a later format adds changes neither the bytes nor the digest of a document without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .base import Shape
from .format import format_needed
from .shape import Document

_encoder = msgspec.json.Encoder(order="sorted")


def to_plain(shape: Shape) -> dict[str, Any]:
    """Return a document, or any part of one, as dicts, lists, strings, numbers and booleans.

    A document says its `format`: the lowest that its members need, so that a client of that format may
    read it and send it back.
    """
    plain = shape.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(shape, Document):
        plain["format"] = format_needed(shape)
    return plain


def encode(plain: Mapping[str, Any]) -> bytes:
    """Return UTF-8 JSON with sorted names and no spaces."""
    return _encoder.encode(plain)


def canonical(shape: Shape) -> bytes:
    """Return the canonical bytes of a document or part: `parse(canonical(d)) == d` for a valid one."""
    return encode(to_plain(shape))
