"""Strict serializer fields: a bool is no number, "7" is not 7, an instant has an offset.

`constraints` of a field are JSON Schema keywords that the contract shows beside what its base class shows.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from rest_framework import serializers

from service.schedule import zones

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
SLUG = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\Z"


class StrictChar(serializers.CharField):
    """Text as sent: numbers and booleans are refused, blanks are kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        kwargs.setdefault("max_length", 1000)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Slug(serializers.RegexField):
    """A key: lower-case letters, digits, `.`, `_`, `-`; 1 to 64; never shaped like a UUID."""

    default_error_messages = {
        "invalid": "Use 1 to 64 of a-z, 0-9, '.', '_' and '-', beginning and ending with a letter or digit.",
        "uuid": "A key must not look like an id.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SLUG, max_length=64, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value = str(super().to_internal_value(data))
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}", value):
            self.fail("uuid")
        return value


class StrictInteger(serializers.IntegerField):
    """A JSON integer (7 and 7.0 are the same number); give min_value and max_value of the column."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictNumber(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Instant(serializers.DateTimeField):
    """RFC 3339 with an offset: `2026-11-21T09:00:00Z`. In UTC from here on: Postgres knows none of 16 h."""

    default_error_messages = {
        "offset": "Use RFC 3339 with an offset, e.g. 2026-11-21T09:00:00Z.",
        "years": "Instants lie in the years 1900 to 2200.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            self.fail("offset")
        try:
            parsed = datetime.fromisoformat(value.upper())
        except ValueError:
            self.fail("offset")
        if not 1900 <= parsed.year <= 2200:
            self.fail("years")
        return parsed.astimezone(UTC)


class ZoneName(StrictChar):
    """An IANA time zone, e.g. `Europe/London`."""

    constraints = {"format": "iana-zone"}

    default_error_messages = {"zone": "Use an IANA time zone, e.g. Europe/London."}

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in zones():
            self.fail("zone")
        return ZoneInfo(name).key


class Attributes(serializers.DictField):
    """Up to 50 pairs of text for the caller's own use."""

    constraints = {"maxProperties": 50, "propertyNames": {"minLength": 1, "maxLength": 64}}

    child = StrictChar(max_length=500, allow_blank=True)
    default_error_messages = {"many": "At most 50 attributes.", "name": "Names have 1 to 64 characters."}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if len(data) > 50:
            self.fail("many")
        if any(not 1 <= len(name) <= 64 for name in data):
            self.fail("name")
        return super().to_internal_value(data)


class StrictList(serializers.ListField):
    """A JSON array: text, objects and sets are not arrays."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        return super().to_internal_value(data)


class ShapeField(serializers.JSONField):
    """A pydantic shape inside a serializer: its own rules validate it, its component shows it.

    Subclass it with `shape`.
    """

    shape: ClassVar[Any]
