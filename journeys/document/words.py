"""The scalar types that the document is written in.

Absence is spelled "" for words, () for lists and None for figures, days and ids; a client may also
send null. None of these spellings is ever sent back: what is absent is left out.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

NAME_MAX = 200
TEXT_MAX = 2_000
LONG_TEXT_MAX = 10_000
SLUG_MAX = 64
ATTRIBUTES_MAX = 50

_SLUG = r"^[a-z0-9][a-z0-9_-]*$"
_REF = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_HREF = r"^(https?://|mailto:)\S+$"
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


def _read_day(value: object) -> object:
    """Take an ISO 8601 calendar date, never a date and time nor a number of seconds."""
    if isinstance(value, str) and _DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("no_such_day", "There is no such day in the calendar") from None
    if isinstance(value, date) or value is None:
        return value
    raise PydanticCustomError("date_format", "A day is written YYYY-MM-DD")


def _not_an_id(value: str) -> str:
    """Refuse a key that reads as a UUID: a key is accepted wherever an id is, so the two must differ."""
    try:
        UUID(value)
    except ValueError:
        return value
    raise PydanticCustomError("key_is_uuid", "A key must not look like a UUID")


Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX, pattern=r"\S")]
"""What a thing is called: one line, 1 to 200 characters, not blank."""

ShortText = Annotated[str, StringConstraints(max_length=NAME_MAX)]
Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
LongText = Annotated[str, StringConstraints(max_length=LONG_TEXT_MAX)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX, pattern=r"\S")]

Slug = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_SLUG)]
"""A word of a vocabulary: lower case, digits, - and _; 1 to 64 characters."""

OptionalSlug = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=r"^([a-z0-9][a-z0-9_-]*)?$")]

Key = Annotated[OptionalSlug, AfterValidator(_not_an_id)]
"""A name for machines, chosen by the client; "" = none."""

Ref = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_REF)]
"""An id or key of something else in the same document; turned into the id once that is known."""

OptionalRef = Annotated[
    str, StringConstraints(max_length=SLUG_MAX, pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]*)?$")
]

Href = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX, pattern=_HREF)]
"""An absolute http, https or mailto address. Other schemes could run code in a reader's browser."""

Language = Annotated[str, StringConstraints(max_length=35, pattern=rf"^$|{_LANGUAGE}")]

Day = Annotated[
    date,
    BeforeValidator(_read_day),
    WithJsonSchema({"type": "string", "format": "date"}),
]

ElementId = Annotated[UUID, Field(strict=False)]
"""Read from the usual spellings of a UUID, written in lower case with hyphens."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A figure from 0 (nothing) to 1 (all); no unit."""

Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=3.2e9, allow_inf_nan=False)]
"""A duration in seconds, 0 to about a century."""

Attributes = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[str, StringConstraints(max_length=500)],
    ],
    Field(max_length=ATTRIBUTES_MAX),
]
"""The client's own labels: at most 50 pairs of strings, key 1 to 64 characters, value at most 500."""
