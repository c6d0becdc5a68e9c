"""How long a workspace keeps readings and what passes through: in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.actions.retention_settings import TERMS, said_terms
from service.fields import StrictInteger
from service.models import Workspace
from service.preconditions import etag_of
from service.serializers import READ_ONLY, In


def _term(name: str, what: str) -> StrictInteger:
    term = TERMS[name]
    left_out = "kept for ever" if term.default is None else f"{term.default}"
    return StrictInteger(
        required=False,
        min_value=term.least,
        max_value=term.most,
        help_text=f"{what} Older ones go within the hour, some at a time. Left out: {left_out}.",
    )


class RetentionSettingsIn(In):
    echoes = READ_ONLY | {"readings_from"}

    reading_months = _term(
        "reading_months",
        "Readings: whole calendar months before this one, in the workspace's zone; of KPIs over a stock all.",
    )
    source_run_days = _term("source_run_days", "Runs of sources, but for the last of each.")
    inbound_body_days = _term(
        "inbound_body_days", "What messages said, which they cannot be read again without."
    )
    inbound_event_days = _term(
        "inbound_event_days", "Messages; until then a repeat is known by its sender's id."
    )
    event_days = _term("event_days", "Events of the feed.")


class RetentionSettingsOut(serializers.Serializer[Any]):
    reading_months = serializers.IntegerField(allow_null=True)
    source_run_days = serializers.IntegerField(allow_null=True)
    inbound_body_days = serializers.IntegerField(allow_null=True)
    inbound_event_days = serializers.IntegerField(allow_null=True)
    event_days = serializers.IntegerField(allow_null=True)
    readings_from = serializers.DateTimeField(
        allow_null=True,
        help_text="Readings before this are gone, or going: reads of then are 410. It only moves on.",
    )
    etag = serializers.CharField(help_text="The workspace's.")


def settings_out(row: Workspace) -> dict[str, Any]:
    said = dict.fromkeys(TERMS) | said_terms(row)
    return {**said, "readings_from": row.readings_from, "etag": etag_of(row)}
