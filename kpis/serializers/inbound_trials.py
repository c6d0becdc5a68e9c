"""What reading messages again would change, out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.actions.feedback import Outcome
from kpis.actions.inbound_trials import Tried
from kpis.serializers.feedback import feedback_out
from kpis.serializers.kpis import NumberOut
from service.serializers import IssueOut

GONE_HELP = "Messages that were meant, too, but cannot be read again: what they said is no longer kept."


class ImpactOut(serializers.Serializer[Any]):
    """A period of a KPI whose figure would be another one."""

    kpi = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    labels = serializers.DictField(child=serializers.CharField())
    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField()
    before = NumberOut(allow_null=True)
    after = NumberOut(allow_null=True)
    n_before = serializers.IntegerField(allow_null=True)
    n_after = serializers.IntegerField(allow_null=True)


class TriedFeedbackOut(serializers.Serializer[Any]):
    """What somebody said in a message, as it would be recorded. Refused: null but for outcome and errors."""

    outcome = serializers.CharField(help_text="created, duplicate, corrected or refused.")
    text = serializers.CharField(allow_null=True, help_text="Personal data is hidden as it would be.")
    score = serializers.FloatField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    journey_map = serializers.UUIDField(allow_null=True)
    element = serializers.UUIDField(allow_null=True)
    kpi = serializers.UUIDField(allow_null=True)
    labels = serializers.DictField(child=serializers.CharField(), allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    errors = IssueOut(many=True)  # type: ignore[assignment]


class TriedOut(serializers.Serializer[Any]):
    """A message as it would be read."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    issues = serializers.ListField(child=serializers.DictField())
    followed = serializers.ListField(
        child=serializers.CharField(), help_text="URLs whose documents were read."
    )
    feedback = TriedFeedbackOut(many=True, help_text="What people said in it, as it would be recorded.")


class TrialOut(serializers.Serializer[Any]):
    """What would become of the figures: nothing was stored."""

    events = TriedOut(many=True)
    gone = serializers.IntegerField(help_text=GONE_HELP)
    impact = ImpactOut(many=True)


class ReplaysOut(serializers.Serializer[Any]):
    events = serializers.IntegerField(help_text="Messages that are read again.")
    gone = serializers.IntegerField(help_text=GONE_HELP)
    impact = ImpactOut(many=True, allow_null=True, help_text="Of a dry run; else null.")


def tried_out(tried: Tried) -> dict[str, Any]:
    read = tried.read
    return {
        "id": tried.event.id,
        "state": read.state,
        "counts": read.counts,
        "issues": read.issues,
        "followed": tried.followed,
        "feedback": [_said_out(one) for one in tried.said],
    }


def _said_out(one: Outcome) -> dict[str, Any]:
    known = {} if one.row is None else feedback_out(one.row)
    shown = {name: known.get(name) for name in TriedFeedbackOut._declared_fields}
    errors = [{"pointer": issue.pointer, "code": issue.code, "detail": issue.detail} for issue in one.issues]
    return shown | {"outcome": one.status, "errors": errors}
