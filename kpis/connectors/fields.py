"""Fields of what connectors and mappings are told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.paths import BadPath, compiled
from service.fields import StrictChar
from service.schedule import MAX_INTERVAL_S, duration_s


class PathField(StrictChar):
    """A JSONPath (RFC 9535), relative to what its rule speaks of."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        path = super().to_internal_value(data)
        try:
            compiled(path)
        except BadPath as error:
            raise serializers.ValidationError(str(error), code="bad_path") from error
        return path


class DurationField(StrictChar):
    """PT1H, P1D, P4W: no months, no years."""

    def __init__(self, *, minimum_s: int = 1, **kwargs: Any) -> None:
        self.minimum_s = minimum_s
        super().__init__(max_length=30, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        seconds = duration_s(text)
        if seconds is None or not self.minimum_s <= seconds <= MAX_INTERVAL_S:
            raise serializers.ValidationError(
                f"Must be a duration like PT5M, PT1H30M, P1D, of {self.minimum_s} s to 366 days.",
                code="invalid_duration",
            )
        return text
