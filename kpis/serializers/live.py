"""The live map: what one may ask, and how the JSON answer is built."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kpis.queries.live_asked import Asked
from kpis.serializers.live_figure import LiveEntryOut
from service.errors import Issue, ValidationProblem
from service.fields import Instant, StrictChar
from service.serializers import Query


class LiveQuery(Query):
    as_of = Instant(
        required=False,
        help_text="What was true then; RFC 3339 with an offset, never in the future. Now when left out.",
    )
    known_at = Instant(
        required=False,
        help_text="Only what had been recorded by then. A pair that is 60 s old always gives the same bytes.",
    )
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Number of the version to show; else the one that was the latest.",
    )
    persona = StrictChar(
        required=False,
        max_length=64,
        help_text="Id or key of a persona of the version: the live part shows that persona's figures.",
    )
    stage = StrictChar(
        required=False, max_length=64, help_text="Id or key of a stage: the live part tells of it alone."
    )
    floor = serializers.DecimalField(
        required=False,
        max_digits=None,
        decimal_places=None,
        min_value=Decimal(0),
        max_value=Decimal(1),
        coerce_to_string=False,
        help_text="Share of the figures with rules that must be judged for a stage or the map to have a "
        "status; as settled for the map or the workspace when left out. Below it the status is insufficient.",
    )


def asked_of(params: Mapping[str, Any], at: datetime) -> Asked:
    """Return what checked query parameters ask for; `at` is now. Raises ValidationProblem for the future."""
    late = [name for name in ("as_of", "known_at") if params.get(name) and params[name] > at]
    if late:
        detail = "The future is not known: ask for an instant up to now."
        raise ValidationProblem([Issue(f"/{name}", "in_the_future", detail) for name in late])
    instants = {name: params[name].astimezone(UTC) for name in ("as_of", "known_at") if params.get(name)}
    return Asked(
        **instants,
        version=params.get("version"),
        persona=params.get("persona", ""),
        stage=params.get("stage", ""),
        floor=params.get("floor"),
    )


class LiveCoverageOut(serializers.Serializer[Any]):
    judged = serializers.IntegerField(help_text="Figures that have a status and are current.")
    of = serializers.IntegerField(help_text="Figures bound there and below that have rules to be judged by.")
    without_rules = serializers.IntegerField(help_text="Those that have none, and are shown alone.")
    floor = serializers.FloatField(help_text="With a smaller share judged the status is insufficient.")


class MeasuredEmotionOut(serializers.Serializer[Any]):
    drawn = serializers.FloatField(allow_null=True, help_text="As the document says, -1 to +1.")
    measured = serializers.FloatField(allow_null=True, help_text="As the KPIs say that tell it, -1 to +1.")


class LiveTacticalOut(serializers.Serializer[Any]):
    """A map that shows the touchpoint in detail, in short; with all that hangs below it."""

    journey_map = serializers.UUIDField(allow_null=True, help_text="Null in a view.")
    status = serializers.CharField()
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()


class LiveSaidOut(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False, help_text="Not in a view.")
    text = serializers.CharField(help_text="Cut after 280 characters.")
    score = serializers.FloatField(allow_null=True)
    sentiment = serializers.FloatField(allow_null=True)
    channel = serializers.CharField(
        required=False, allow_null=True, help_text="Not in a view that leaves channels out."
    )
    observed_at = serializers.DateTimeField()


class LiveFeedbackOut(serializers.Serializer[Any]):
    """What people said there; of a KPI that is bound there whole as well."""

    n = serializers.IntegerField()
    latest = LiveSaidOut(many=True, help_text="The latest three of each place and KPI.")


class LiveImprovementOut(serializers.Serializer[Any]):
    """A dated change to the real journey: marked on the charts of its KPIs, without any on all here."""

    id = serializers.UUIDField()
    title = serializers.CharField(allow_blank=True, help_text="Empty where a view does not tell it.")
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    kpis = serializers.ListField(child=serializers.UUIDField())


class LiveGroupOut(serializers.Serializer[Any]):
    """What is measured at the map, a stage or a touchpoint; a roll-up says what it covers."""

    status = serializers.CharField()
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()
    counts = serializers.DictField(child=serializers.IntegerField())
    emotion = MeasuredEmotionOut()
    tactical = LiveTacticalOut(
        many=True,
        required=False,
        help_text="At a touchpoint with tactical maps below it: how they fare, or fared then, by what was "
        "published then; for a persona by that persona's figures. In a view where the view says so.",
    )
    feedback = LiveFeedbackOut(
        required=False,
        help_text="Where people said something, now or by then; for a persona, what those said whom it "
        "stands for. Words that were corrected since are left out of what was known before, those that were "
        "erased of every answer. In a view where the view says so.",
    )
    improvements = LiveImprovementOut(
        many=True,
        required=False,
        help_text="What was changed here, or to move a KPI that is shown here; also what is planned.",
    )
    kpis = LiveEntryOut(many=True)


class LiveUnplacedOut(serializers.Serializer[Any]):
    element = serializers.UUIDField()
    kpis = LiveEntryOut(many=True)


@extend_schema_field({"$ref": "#/components/schemas/Document"})
class DocumentField(serializers.Field[Any, Any, Any, Any]):
    """The document as journeys describes it; its bytes pass through here unread."""


class LiveMapNameOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class LiveOut(serializers.Serializer[Any]):
    map = LiveMapNameOut()
    version = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField(allow_null=True)
    known_at = serializers.DateTimeField(allow_null=True)
    persona = serializers.UUIDField(allow_null=True)
    stage = serializers.UUIDField(allow_null=True)
    explain = serializers.CharField(
        help_text="Where each entry of `live` is explained: put in its {kpi}, {binding} and {labels}, "
        "these as JSON text, percent-encoded."
    )
    document = DocumentField(help_text="The version's document, as published.")
    live = serializers.DictField(
        child=LiveGroupOut(), help_text="By element id; `map` is the map as a whole."
    )
    unplaced = LiveUnplacedOut(many=True, help_text="Bound to elements that this version does not have.")
