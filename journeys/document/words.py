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

# The same words that the service takes as keys of its resources, see service/fields.py.
_SLUG = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"
_REF = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$"
_LABEL = r"^[a-z][a-z0-9_]*$"
_HREF = r"^(https?://|mailto:)\S+$"
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_FILLED = r"\S"

PATTERNS = {
    _SLUG: "use lower-case letters, digits, '.', '_' and '-', beginning and ending with a letter or digit",
    _REF: "use the id or the key of something in this document",
    _LABEL: "use lower-case letters, digits and '_', beginning with a letter",
    _HREF: "use an absolute http, https or mailto address",
    _LANGUAGE: "use a BCP 47 language tag such as en or pt-BR",
    _FILLED: "must not be blank",
}
"""What each pattern asks for, in words for the client."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def _read_day(value: object) -> object:
    """Take an ISO 8601 calendar date, never a date and time nor a number of seconds."""
    if isinstance(value, str) and _DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day_unknown", "There is no such day in the calendar.") from None
    if isinstance(value, date):
        return value
    raise PydanticCustomError("day_format", "A day is written YYYY-MM-DD.")


def _not_an_id(value: str) -> str:
    """Refuse a key that reads as a UUID: a key is accepted wherever an id is, so the two must differ."""
    try:
        UUID(value)
    except ValueError:
        return value
    raise PydanticCustomError("key_like_id", "A key must not look like an id.")


def _one_zero(value: float) -> float:
    # −0.0 equals 0.0 but is written otherwise: equal documents must have equal bytes.
    return value + 0.0


def _or_empty(pattern: str) -> str:
    return f"^$|{pattern}"


PATTERNS.update({_or_empty(pattern): words for pattern, words in list(PATTERNS.items())})

Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX, pattern=_FILLED)]
"""What a thing is called: 1 to 200 characters, not blank."""

ShortText = Annotated[str, StringConstraints(max_length=NAME_MAX)]
Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]
LongText = Annotated[str, StringConstraints(max_length=LONG_TEXT_MAX)]

Line = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX, pattern=_FILLED)]
"""One statement: 1 to 2000 characters, not blank."""

Slug = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_SLUG)]
"""A word of a vocabulary, 1 to 64 characters."""

OptionalSlug = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_or_empty(_SLUG))]

Key = Annotated[OptionalSlug, AfterValidator(_not_an_id)]
"""A name for machines, chosen by the client; "" = none."""

Ref = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_REF)]
"""An id or key of something else in the same document; turned into the id once that is known."""

OptionalRef = Annotated[str, StringConstraints(max_length=SLUG_MAX, pattern=_or_empty(_REF))]

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_LABEL)]

Href = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX, pattern=_HREF)]
"""An absolute http, https or mailto address. Other schemes could run code in a reader's browser."""

OptionalHref = Annotated[str, StringConstraints(max_length=TEXT_MAX, pattern=_or_empty(_HREF))]

Language = Annotated[str, StringConstraints(max_length=35, pattern=_or_empty(_LANGUAGE))]

Day = Annotated[date, BeforeValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]

ElementId = Annotated[UUID, Field(strict=False)]
"""Read from the usual spellings of a UUID, written in lower case with hyphens."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), AfterValidator(_one_zero)]
"""A figure from 0 (nothing) to 1 (all); no unit."""

Balance = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False), AfterValidator(_one_zero)]
"""A figure from −1 to +1, 0 in the middle; no unit."""

Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False), AfterValidator(_one_zero)]

Seconds = Annotated[float, Field(ge=0, le=3.2e9, allow_inf_nan=False), AfterValidator(_one_zero)]
"""A duration in seconds, 0 to about a century."""

Attributes = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=64)],
        Annotated[str, StringConstraints(max_length=500)],
    ],
    Field(max_length=ATTRIBUTES_MAX),
]
"""The client's own labels: at most 50 pairs of strings, key 1 to 64 characters, value at most 500."""
