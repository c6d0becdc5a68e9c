"""What the contract says of thresholds; whether they fit a KPI is checked by `parse_rules`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from service.fields import StrictInteger
from service.serializers import Part

_NUMBER = {"type": "number"}


def _only(**members: Any) -> dict[str, Any]:
    """An object of just these members."""
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


_FACTOR = {"type": "number", "exclusiveMinimum": 0}
_LINES: list[dict[str, Any]] = [
    _NUMBER,
    *(_only(**{f"{to}_times": _FACTOR}) for to in ("target", "baseline", "before")),
    *(_only(**{f"{to}_plus": _NUMBER}) for to in ("target", "baseline", "before")),
]
_SIDES = {name: {"oneOf": [*_LINES, {"type": "null"}]} for name in ("low", "high")}
_BOTH_SIDES = {"type": "object", "properties": _SIDES, "minProperties": 1, "additionalProperties": False}


@extend_schema_field({"oneOf": [_NUMBER, _only(low=_NUMBER, high=_NUMBER), {"type": "null"}]})
class TargetField(serializers.JSONField):
    """A number, or {low, high} where the good lies in a range."""


@extend_schema_field({"oneOf": [*_LINES, _BOTH_SIDES, {"type": "null"}]})
class LineField(serializers.JSONField):
    """A number, or one relative to the target, the baseline or the figure before; {low, high} of these where
    the good lies in a range."""


@extend_schema_field({"oneOf": [{"type": "string", "enum": ["up", "down", "range"]}, {"type": "null"}]})
class DirectionField(serializers.JSONField):
    """Where the good lies."""


@extend_schema_field({"oneOf": [{"type": "string", "enum": ["interval", "point"]}, {"type": "null"}]})
class JudgeField(serializers.JSONField):
    """What is held against the lines."""


@extend_schema_field({"oneOf": [_NUMBER, _only(period={"type": "string"}), {"type": "null"}]})
class BaselineField(serializers.JSONField):
    """A figure, or the period whose figure it is: {"period": "2025-Q4"}."""


@extend_schema_field(
    {
        "oneOf": [
            _only(periods={"type": "integer", "minimum": 1, "maximum": 340}),
            _only(years={"type": "integer", "minimum": 1, "maximum": 5}),
            {"type": "null"},
        ]
    }
)
class BeforeField(serializers.JSONField):
    """So many periods back, or the period of the same name so many years back."""


class ThresholdWindow(Part):
    """A figure of few observations is summed again with those before it."""

    until_n = StrictInteger(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=10**9,
        help_text="As few periods as give so many observations; else the minimum n.",
    )
    max = StrictInteger(min_value=2, max_value=60, help_text="Periods at most, its own included.")


class Thresholds(Part):
    """Target and lines in the KPI's unit: 70 percent is 0.7. Without lines nothing is judged."""

    target = TargetField(required=False, help_text="Where the figure should be.")
    warn = LineField(required=False, help_text="Beyond this line it is warn; on it, it is not.")
    breach = LineField(required=False, help_text="Beyond this one it is breach.")
    recovery = serializers.FloatField(
        required=False, allow_null=True, help_text="Come this far back inside before it gets better."
    )
    baseline = BaselineField(required=False, help_text="What lines may be relative to.")
    before = BeforeField(
        required=False, help_text="The earlier figure that lines may be relative to; else the period before."
    )
    consecutive = StrictInteger(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=30,
        help_text="Points in a row that must be worse; else 1, by the interval 2 at 95 % or 1 at 99.9 %.",
    )
    recover_after = StrictInteger(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=30,
        help_text="Points in a row that must be inside again; else 1, by the interval 2 or 1 wholly so.",
    )
    direction = DirectionField(required=False, help_text="Where the good lies; else the KPI's.")
    min_n = StrictInteger(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=10**9,
        help_text="With fewer observations it is insufficient; else the KPI's.",
    )
    window = ThresholdWindow(
        required=False, allow_null=True, help_text="Judge the figure of several periods where one has few."
    )
    judge_by = JudgeField(required=False, help_text="By the sample's interval, or by the figure alone.")


@extend_schema_field(Thresholds)
class ThresholdsShown(serializers.DictField):
    """Thresholds as they were sent."""
