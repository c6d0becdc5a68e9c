"""Messages that arrived, and what reading them again would change, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.serializers.inbound_rules import RuleIn
from service.fields import Instant, StrictBoolean, StrictChar, StrictList
from service.serializers import In, PageQuery, Part

STATES = ("held", "received", "processed", "unmatched", "ignored", "failed", "dead", "rejected")


class InboundEventOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    endpoint = serializers.UUIDField()
    message_id = serializers.CharField()
    type = serializers.CharField(help_text="As the sender says; empty where it does not.")
    occurred_at = serializers.DateTimeField(allow_null=True, help_text="As the sender says.")
    state = serializers.CharField(
        help_text="held (awaits the secret), received, processed, unmatched (a numerator "
        "whose denominator this endpoint has not told yet), ignored (no rule took anything), failed "
        "(the issues say why), dead (given up after 8 attempts) or rejected (held, and not what it says)."
    )
    attempts = serializers.IntegerField()
    rules_version = serializers.IntegerField(allow_null=True, help_text="Rules that it was read with.")
    counts = serializers.DictField(child=serializers.IntegerField())
    issues = serializers.ListField(child=serializers.DictField())
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)
    body_gone_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when what it said is no longer kept: it cannot be read again."
    )


class EventFilterIn(Part):
    """Which messages are meant; all of the endpoint when empty."""

    state = serializers.ChoiceField(STATES, required=False)
    type = StrictChar(required=False, max_length=100)
    since = Instant(required=False, help_text="Received at or after.")
    until = Instant(required=False, help_text="Received before.")


class EventsIn(In):
    """Which stored messages are meant: all of the endpoint when nothing is said."""

    echoes = frozenset()
    events = StrictList(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=100, help_text="Ids."
    )
    filter = EventFilterIn(required=False)


class ReplayIn(EventsIn):
    dry_run = StrictBoolean(required=False, default=False, help_text="Show the impact; change nothing.")


class TrialIn(EventsIn):
    rules = StrictList(
        child=RuleIn(),
        required=False,
        min_length=1,
        max_length=100,
        help_text="Unsaved; else the saved ones.",
    )


class InboundEventDetailOut(InboundEventOut):
    body = serializers.CharField(allow_null=True, help_text="As received; null where it is no longer kept.")
    followed = serializers.DictField(
        child=serializers.CharField(), help_text="By URL what it led to, as JSON; kept for replays."
    )


class InboundEventQuery(PageQuery):
    state = serializers.ChoiceField(STATES, required=False)
    type = StrictChar(required=False, max_length=100)
    since = Instant(required=False, help_text="Received at or after.")
    until = Instant(required=False, help_text="Received before.")
    endpoint = serializers.CharField(required=False, max_length=64)
