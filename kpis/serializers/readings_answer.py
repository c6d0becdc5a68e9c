"""A reading as it was recorded, or a figure that somebody confirmed, as shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from kpis.queries.figures import ConfirmedFigure, WaitingFigure
from kpis.queries.readings import RecordedReading
from kpis.serializers.kpis import NumberOut
from kpis.series.intake_flows import BASE_KEY, side_and_id
from kpis.series.intake_sides import NUMERATOR, side_of, takes_sides
from kpis.series.reading_id import reading_id


class ReadingOut(serializers.Serializer[Any]):
    """A reading as it was recorded; `state`: current, superseded, retracted or retraction."""

    id = serializers.CharField()
    kpi = serializers.UUIDField()
    measure = serializers.IntegerField(help_text="The measure of the KPI that the figure is of.")
    labels = serializers.DictField(child=serializers.CharField())
    start = serializers.DateTimeField(help_text="Of a period; of an instant the same as `end`.")
    end = serializers.DateTimeField()
    external_id = serializers.CharField(allow_null=True)
    value = NumberOut(allow_null=True)
    numerator = NumberOut(allow_null=True)
    denominator = NumberOut(allow_null=True)
    n = serializers.IntegerField(allow_null=True)
    distribution = serializers.DictField(child=serializers.IntegerField(), allow_null=True)
    unit = serializers.CharField(help_text="Of `value`.")
    flows = serializers.DictField(
        child=serializers.FloatField(), allow_null=True, help_text="What joined a stock and was lost of it."
    )
    base = NumberOut(allow_null=True, help_text="How many there were of a stock.")
    side = serializers.CharField(
        allow_null=True, help_text="joined, lost or numerator; null where no such thing is told."
    )
    state = serializers.CharField(
        help_text="current, superseded, suspect (current, but beyond what is plausible and not confirmed) "
        "or retraction: it takes back what was said."
    )
    suspect = serializers.BooleanField(
        help_text="It was recorded as beyond what its KPI says is plausible; confirming it supersedes it."
    )
    recorded_at = serializers.DateTimeField(
        help_text="Of a figure of a period that waits to be confirmed: when it had settled."
    )
    feed = serializers.UUIDField(allow_null=True, help_text="Source or inbound endpoint; null: the API.")
    cause = serializers.UUIDField(allow_null=True, help_text="Run, inbound event or credential.")
    rules_version = serializers.IntegerField(
        allow_null=True, help_text="Rules of the inbound endpoint that made it of a message; else null."
    )
    reason = serializers.CharField(allow_null=True)


class RecordedOut(ReadingOut):
    outcome = serializers.CharField(help_text="created, duplicate, corrected or retracted.")


def reading_out(one: RecordedReading) -> Mapping[str, Any]:
    """Return a reading as shown."""
    distribution = None
    if one.counts is not None:
        steps = one.definition.steps
        distribution = {str(step): count for step, count in zip(steps, one.counts, strict=True)}
    return {
        "id": reading_id(one.ref),
        "kpi": one.kpi_id,
        "measure": one.measure,
        "labels": one.labels,
        "start": one.ref.start_at,
        "end": one.ref.end_at,
        "external_id": one.ref.key or None,
        "value": one.value,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "flows": None,
        "base": None,
        "side": None,
        **(_of_stock(one) if one.definition.stocked else _of_side(one)),
        "n": one.n,
        "distribution": distribution,
        "unit": one.definition.unit,
        "state": _state(one),
        "suspect": one.suspect,
        "recorded_at": one.ref.recorded_at,
        "feed": one.feed_id,
        "cause": one.cause_id,
        "rules_version": one.rules_version,
        "reason": one.reason,
    }


def _of_stock(one: RecordedReading) -> Mapping[str, Any]:
    """What the columns of a row say of a stock: see `kpis.series.intake_flows`."""
    shown: dict[str, Any] = {"value": None, "numerator": None, "denominator": None}
    if one.ref.key.startswith(BASE_KEY):
        return shown | {"external_id": None, "base": one.numerator}
    if one.ref.key:
        shown["side"], shown["external_id"] = side_and_id(one.ref.key)
    told = zip(one.definition.row.flows, (one.denominator, one.numerator, one.value), strict=True)
    flows = {name: amount for name, amount in told if amount is not None and (amount or not one.ref.key)}
    return shown | {"flows": flows or None}


def _of_side(one: RecordedReading) -> Mapping[str, Any]:
    """A numerator told by itself: see `kpis.series.intake_sides`."""
    if not takes_sides(one.definition) or side_of(one.ref.key)[0] != NUMERATOR:
        return {}
    return {"side": NUMERATOR, "external_id": side_of(one.ref.key)[1], "numerator": 1, "n": None}


def _state(one: RecordedReading) -> str:
    if one.superseded:
        return "superseded"
    return "retraction" if one.retracted else "suspect" if one.suspect else "current"


def figure_out(one: ConfirmedFigure | WaitingFigure) -> dict[str, Any]:
    """Return a figure of a period that many readings make, as somebody confirmed it, or as it waits."""
    nothing = (*("external_id", "numerator", "denominator", "flows", "base", "side", "n"), "distribution")
    shown = dict.fromkeys(nothing) | {
        "id": one.id,
        "kpi": one.ref.kpi_id,
        "measure": one.measure,
        "labels": one.ref.labels,
        "start": one.ref.start,
        "end": one.ref.end,
        "value": one.ref.value,
        "unit": one.definition.unit,
        "feed": None,
        "rules_version": None,
    }
    if isinstance(one, WaitingFigure):
        waits = {"state": "suspect", "suspect": True, "recorded_at": one.settled_at, "n": one.n}
        return shown | waits | {"cause": None, "reason": None}
    row = one.row
    confirmed = {"state": "current", "suspect": False, "recorded_at": row.recorded_at}
    return shown | confirmed | {"cause": row.cause_id, "reason": row.reason or None}
