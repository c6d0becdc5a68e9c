"""What pydantic finds wrong, as issues with stable codes and plain English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from service.errors import Issue

from .pointers import pointer
from .words import PATTERNS

_MAPS = ("attributes", "selector", "lane_items", "labels")

# pydantic's type of error → our code and sentence; {names} are filled from pydantic's context.
_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("required", "This member is required."),
    "extra_forbidden": ("unknown_field", "There is no member of this name."),
    "string_type": ("wrong_type", "Must be a string."),
    "int_type": ("wrong_type", "Must be a whole number."),
    "float_type": ("wrong_type", "Must be a number."),
    "bool_type": ("wrong_type", "Must be true or false."),
    "dict_type": ("wrong_type", "Must be an object."),
    "model_type": ("wrong_type", "Must be an object."),
    "tuple_type": ("wrong_type", "Must be an array."),
    "uuid_type": ("wrong_type", "Must be a string that holds a UUID."),
    "uuid_parsing": ("invalid_id", "Must be a UUID."),
    "string_too_short": ("too_short", "Must have at least {min_length} character(s)."),
    "string_too_long": ("too_long", "Must have at most {max_length} characters."),
    "too_long": ("too_many", "May hold at most {max_length} entries."),
    "greater_than_equal": ("out_of_range", "Must be at least {ge:g}."),
    "less_than_equal": ("out_of_range", "Must be at most {le:g}."),
    "finite_number": ("out_of_range", "Must be a finite number."),
    "int_parsing_size": ("out_of_range", "Is too large a number."),
    "literal_error": ("not_allowed", "Must be {expected}."),
    "day_format": ("invalid_date", "A day is written YYYY-MM-DD."),
    "day_unknown": ("invalid_date", "There is no such day in the calendar."),
    "key_like_id": ("key_like_id", "A key must not look like an id."),
}


def _issue(kind: str, location: tuple[str | int, ...], message: str, context: Mapping[str, Any]) -> Issue:
    prefix = ""
    if location and location[-1] == "[key]" and location[-2] not in _MAPS:
        location, prefix = location[:-1], "The name of this member: "
    if kind == "string_pattern_mismatch":
        words = PATTERNS[str(context["pattern"])]
        return Issue(pointer(*location), "invalid_format", f"{prefix}{words[0].upper()}{words[1:]}.")
    if kind not in _SENTENCES:
        return Issue(pointer(*location), "invalid", prefix + message)
    code, sentence = _SENTENCES[kind]
    return Issue(pointer(*location), code, prefix + sentence.format(**context))


def issues_of(error: ValidationError) -> list[Issue]:
    """Return every error that pydantic found, in its order."""
    return [
        _issue(found["type"], found["loc"], found["msg"], found.get("ctx", {}))
        for found in error.errors(include_url=False, include_input=False)
    ]
