"""Findings, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.actions.findings_care import LONGEST_SNOOZE
from kpis.models.findings import Finding, FindingChange
from kpis.queries.findings import Spread
from kpis.queries.points_plan import Clocks
from kpis.serializers.clocks import ClockQuery, PastQuery
from kpis.serializers.explain_links import explain_series, feedback_address
from kpis.series.finding import KINDS, SEVERITIES
from service.fields import Instant, StrictChar
from service.preconditions import etag_of
from service.serializers import READ_ONLY, In

STATES = ("open", "acknowledged", "snoozed", "closed")
_KINDS = "; ".join(f"{kind}: {says}" for kind, says in KINDS.items())


class FindingPlaceOut(serializers.Serializer[Any]):
    """Where a finding shows."""

    journey_map = serializers.UUIDField()
    element = serializers.UUIDField(allow_null=True, help_text="Null: the map as a whole.")
    binding = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    status = serializers.CharField(allow_null=True, help_text="As it stands there.")
    freshness = serializers.CharField(allow_null=True)


class FindingOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=f"{_KINDS}. More may come.")
    level = serializers.CharField(
        help_text="The kind's word for how it stands: warn, breach, stale, broken …"
    )
    severity = serializers.CharField(help_text="info, warning or critical.")
    state = serializers.CharField(help_text="open, acknowledged, snoozed or closed.")
    standing = serializers.BooleanField(
        help_text="What it says holds still. Closed and standing: closed by hand, and not opened again "
        "before it gets worse, or is over and comes back."
    )
    cause = serializers.CharField(
        help_text="Of its last change: reading, correction, backfill, time, threshold, binding, publish or "
        "source; more may come."
    )
    retrospective = serializers.BooleanField(help_text="It was about the past when it was noticed.")
    kpi = serializers.UUIDField(allow_null=True)
    labels = serializers.DictField(
        child=serializers.CharField(), help_text="Of the series, as bindings select it: values or `*`."
    )
    source = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    about = serializers.CharField(
        allow_blank=True, help_text="Tells findings of one kind and series apart; mostly empty."
    )
    facts = serializers.DictField(help_text="What was noticed, by kind: value, reason, period, thresholds …")
    places = FindingPlaceOut(many=True, help_text="Every map and element where its series shows.")
    affects = serializers.ListField(
        child=serializers.UUIDField(), help_text="The KPIs that a broken source feeds."
    )
    parent = serializers.UUIDField(  # type: ignore[assignment]
        allow_null=True, help_text="The finding that tells of this one, which is not told by itself."
    )
    snoozed_until = serializers.DateTimeField(allow_null=True)
    feedback = serializers.CharField(
        allow_null=True,
        help_text="The address of what people said in its period, to the KPI and where it is bound.",
    )
    explain = serializers.CharField(
        allow_null=True, help_text="How its figure was made; null of what is not about a figure."
    )
    since = serializers.DateTimeField(allow_null=True, help_text="From when on it was so, by its figures.")
    opened_at = serializers.DateTimeField(help_text="When it was noticed.")
    changed_at = serializers.DateTimeField()
    over_at = serializers.DateTimeField(allow_null=True, help_text="When it held no more.")
    closed_at = serializers.DateTimeField(allow_null=True)
    etag = serializers.CharField()


class FindingIn(In):
    """What somebody does about a finding."""

    echoes = READ_ONLY | set(FindingOut._declared_fields) - {"state", "snoozed_until"}

    state = serializers.ChoiceField(STATES, help_text="Closed by hand: seen to, though it may hold still.")
    snoozed_until = Instant(
        required=False,
        default=None,
        help_text=f"With `snoozed` only: opened again then, at most {LONGEST_SNOOZE.days} days from now.",
    )
    note = StrictChar(required=False, max_length=2000, help_text="Kept in its history.")


class FindingChangeOut(serializers.Serializer[Any]):
    """A line of a finding's history."""

    id = serializers.UUIDField()
    change = serializers.CharField(
        help_text="opened, reopened, worsened, eased, closed, over (after it was closed by hand), "
        "acknowledged, snoozed, woken or noted; told_opened, told_changed and told_closed when a silence "
        "ended that had kept it back; covered by a finding that tells of it; ended with the last of what it "
        "told of; more may come."
    )
    state = serializers.CharField()
    level = serializers.CharField()
    severity = serializers.CharField()
    cause = serializers.CharField(allow_blank=True, help_text="Empty where somebody did it.")
    note = serializers.CharField(allow_blank=True)
    snoozed_until = serializers.DateTimeField(allow_null=True)
    author = serializers.UUIDField(allow_null=True, help_text="The credential; null: the service itself.")
    author_name = serializers.CharField(allow_blank=True)
    notices = serializers.ListField(child=serializers.UUIDField(), help_text="Those that asked for it.")
    silences = serializers.ListField(
        child=serializers.UUIDField(), help_text="Those for which it was told to nobody."
    )
    events = serializers.ListField(
        child=serializers.UUIDField(),
        help_text="Those that told it: one, or two where it is opened to some and changed to others.",
    )
    created_at = serializers.DateTimeField()


class FindingPastQuery(ClockQuery):
    """Then: what was opened by then, with the state, level, facts and places that it had."""


class FindingQuery(PastQuery):
    state = serializers.ChoiceField(STATES, required=False)
    kind = StrictChar(required=False, max_length=32)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    kpi = StrictChar(required=False, max_length=64, help_text="Id or key.")
    source = StrictChar(  # type: ignore[assignment]
        required=False, max_length=64, help_text="Id or key."
    )
    journey_map = StrictChar(required=False, max_length=64, help_text="Id or key: those that show on it.")
    element = StrictChar(required=False, max_length=64, help_text="Id or key, with `journey_map`.")
    since = Instant(required=False, help_text="Opened or changed then or later.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if "element" in values and "journey_map" not in values:
            raise serializers.ValidationError({"element": ["Name the journey_map as well."]}, code="required")
        return values


def finding_out(row: Finding, spread: Spread, clocks: Clocks | None = None) -> dict[str, Any]:
    """Return a finding as shown. clocks: the instants that it is told as of; None: now."""
    names = ("id", "kind", "level", "severity", "state", "standing", "cause", "retrospective", "labels")
    return {
        **{name: getattr(row, name) for name in names},
        "kpi": row.kpi_id,
        "source": row.source_id,
        "about": row.about,
        "facts": row.facts,
        "places": [
            {name: getattr(place, name) for name in FindingPlaceOut._declared_fields}
            for place in spread.places
        ],
        "affects": list(spread.kpis),
        "parent": row.parent_id,
        "snoozed_until": row.snoozed_until,
        "feedback": _feedback(row, clocks),
        "explain": _explain(row, clocks),
        "since": row.since,
        "opened_at": row.created_at,
        "changed_at": row.updated_at,
        "over_at": row.over_at,
        "closed_at": row.closed_at,
        "etag": etag_of(row),
    }


def _feedback(row: Finding, clocks: Clocks | None) -> str | None:
    """Return the path that lists what was said to the KPI and labels of a finding in its period."""
    period = row.facts.get("period")
    if row.kpi_id is None or not isinstance(period, dict):
        return None
    return feedback_address(row.kpi_id, row.labels, period["start"], period["end"], clocks)


def _explain(row: Finding, clocks: Clocks | None) -> str | None:
    """Return where the figure is explained that a finding is about: that of its period or instant."""
    if row.kpi_id is None:
        return None
    facts, period = row.facts, row.facts.get("period")
    told = [period["start"]] if isinstance(period, dict) else []
    told += [facts[name] for name in ("observed_at", "last", "at") if isinstance(facts.get(name), str)]
    return explain_series(row.kpi_id, row.labels, clocks, at=told[0] if told else None)


def finding_in(row: Finding) -> dict[str, Any]:
    """Return what a PATCH merges into."""
    until = row.snoozed_until
    return {"state": row.state} | ({} if until is None else {"snoozed_until": until.isoformat()})


def change_out(row: FindingChange) -> dict[str, Any]:
    told = {"notices": [], "silences": [], "events": [], **row.told}
    return {
        name: told[name] if name in told else getattr(row, name) for name in FindingChangeOut._declared_fields
    }
