"""Sources, in and out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.connectors import CONNECTORS
from kpis.serializers.mappings import MappingIn
from service.errors import ValidationProblem
from service.fields import StrictBoolean, StrictChar, StrictList
from service.schedule import parse_schedule
from service.serializers import READ_ONLY, FormsField, ResourceIn, ResourceOut

MIN_INTERVAL_S = 5


class ConfigField(FormsField):
    """What a source of its type is told; `SourceIn` puts the type's own form in this place."""

    forms = tuple(connector.config for connector in CONNECTORS.values())


@extend_schema_field(
    {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "every": {
                        "oneOf": [
                            {"type": "integer", "minimum": MIN_INTERVAL_S, "description": "Seconds."},
                            {"type": "string", "description": "A duration: PT5M, PT1H30M, P1D."},
                        ]
                    }
                },
                "required": ["every"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "cron": {
                        "type": "string",
                        "maxLength": 100,
                        "description": "Minute to weekday.",
                    },
                    "zone": {"type": "string", "description": "IANA time zone; UTC when left out."},
                },
                "required": ["cron"],
                "additionalProperties": False,
            },
        ]
    }
)
class ScheduleField(serializers.JSONField):
    """When a source is pulled: a fixed grid, or cron on the clocks of a zone."""


class SourceIn(ResourceIn):
    echoes = READ_ONLY | {"secret_set", "needs_secret", "status"}
    name = StrictChar(max_length=200)
    type = serializers.ChoiceField(sorted(CONNECTORS))
    config = ConfigField()
    secret = StrictChar(
        required=False, max_length=2000, write_only=True, help_text="Sent to the source; never shown."
    )
    mappings = StrictList(child=MappingIn(), min_length=1, max_length=100)
    schedule = ScheduleField(help_text='{"every": "PT5M"} or {"cron": "0 6 * * *", "zone": "…"}')
    enabled = StrictBoolean(required=False, default=True)
    catch_up = serializers.ChoiceField(
        ["latest", "all"],
        required=False,
        default="latest",
        help_text="Slots that were missed: the last of them is pulled, or each of the last day, one by one.",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        given = getattr(self, "initial_data", None) or {}
        type_ = given.get("type")
        if isinstance(type_, str) and type_ in CONNECTORS:
            fields["config"] = CONNECTORS[type_].config()
        return fields

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        CONNECTORS[values["type"]].check(values["config"], values.get("secret"))
        return values

    def validate_schedule(self, schedule: Any) -> Any:
        try:
            parse_schedule(schedule, minimum_s=MIN_INTERVAL_S)
        except ValidationProblem as problem:
            raise serializers.ValidationError(problem.detail, code=problem.issues[0].code) from problem
        return schedule


class CircuitOut(serializers.Serializer[Any]):
    """Whether the source is asked as its schedule says: after repeated failure it is asked seldom."""

    state = serializers.CharField(help_text="closed, open, or half_open while a try decides.")
    since = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)


class SourceStatusOut(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="new, ok, failing, broken, needs_secret or disabled.")
    failures = serializers.IntegerField(help_text="Failed runs since the last good one.")
    last_run_at = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    next_run_at = serializers.DateTimeField(allow_null=True)
    circuit = CircuitOut()


class SourceOut(ResourceOut):
    name = serializers.CharField()
    type = serializers.CharField()
    config = serializers.DictField()
    secret_set = serializers.BooleanField()
    needs_secret = serializers.BooleanField(
        help_text="It came in a bundle without its secret: it is not pulled before that is set, or null."
    )
    mappings = serializers.ListField(child=serializers.DictField())
    schedule = ScheduleField()
    enabled = serializers.BooleanField()
    catch_up = serializers.CharField(help_text="latest or all.")
    status = SourceStatusOut()


class RunOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    backfill = serializers.UUIDField(allow_null=True, help_text="Which one it was a window of.")
    slot_at = serializers.DateTimeField(help_text="When it was due.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()
    status = serializers.CharField(help_text="succeeded or failed.")
    error = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    issues = serializers.ListField(child=serializers.DictField())


class PreviewOut(serializers.Serializer[Any]):
    """What would be read: nothing was stored."""

    readings = serializers.ListField(child=serializers.DictField())
    nulls = serializers.IntegerField(help_text="Items without a figure.")
    skipped = serializers.IntegerField(help_text="Items that `when` left out.")
    issues = serializers.ListField(
        child=serializers.DictField(),
        help_text="What could not be read, and at `/readings/…` what its KPI would refuse.",
    )
    error = serializers.CharField(help_text="Why nothing could be fetched; empty when it could.")


class SourcePreviewOut(PreviewOut):
    documents = serializers.IntegerField(help_text="How many bodies, rows or items mappings were applied to.")
    sample = serializers.CharField(help_text="The first of them as JSON, cut off at 4000 characters.")
