"""Where a KPI is shown and judged. Terms and rules are bitemporal and insert-only.

Of the rows that hold at instant x, as known at k: recorded_at ≤ k, valid_from ≤ x < valid_to; the one
recorded last wins. So an as-of read judges with what held then, a known-at read with what was known.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from journeys.models import Element, JourneyMap
from kpis.models.definitions import Kpi
from kpis.models.exact_json import ExactDecoder, ExactEncoder
from service.models import Resource, Workspace, listing_index, resource_constraints


class Binding(Resource):
    """ "This KPI under this selector is shown at this element, or at the map (`element` null)."

    `element`, `selector`, `label`, `place` and `valid_from` are the current term and `rules` the current
    rule of its own (null: the KPI's), kept here for writes and lists; an empty `label` follows the KPI's
    name. The KPI never changes: another KPI is another binding.
    """

    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, db_constraint=False, db_index=False)
    selector = models.JSONField(default=dict)
    label = models.CharField(max_length=200, default="")
    place = models.PositiveIntegerField(default=0)
    rules = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    valid_from = models.DateTimeField()

    class Meta:
        db_table = "binding"
        constraints: ClassVar = resource_constraints("binding")
        indexes: ClassVar = [
            listing_index("binding"),
            # the bindings of a map; the bindings of a KPI that got a reading
            models.Index(fields=["workspace", "journey_map", "place"], name="binding_of_map"),
            models.Index(fields=["workspace", "kpi"], name="binding_of_kpi"),
        ]


class BindingTerm(models.Model):
    """Where and what a binding was, from when to when. Insert-only.

    `label` is never empty here, and `kpi_key` repeats the KPI's: what stood at the figure then is not
    changed by a KPI's new name.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    binding = models.ForeignKey(Binding, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    selector = models.JSONField()
    label = models.CharField(max_length=200)
    kpi_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 (absent is not "")
    place = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "binding_term"
        indexes: ClassVar = [
            # the terms of a map as of an instant
            models.Index(
                fields=["workspace", "journey_map", "binding", "recorded_at"], name="binding_term_of_map"
            ),
        ]


class Rule(models.Model):
    """Target and thresholds of a KPI, or of one binding (which then replace the KPI's). Insert-only.

    `rules` is null where a binding returns to what the KPI says.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, db_constraint=False, db_index=False)
    binding = models.ForeignKey(Binding, models.PROTECT, null=True, db_constraint=False, db_index=False)
    rules = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "rule"
        constraints: ClassVar = [
            models.CheckConstraint(name="rule_of_one", condition=models.Q(kpi=None) ^ models.Q(binding=None)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "kpi", "recorded_at"], name="rule_of_kpi"),
            models.Index(fields=["workspace", "binding", "recorded_at"], name="rule_of_binding"),
        ]


class BindingState(models.Model):
    """Derived: what the live map shows at a binding now, as JSON text ready to be joined.

    Can always be rebuilt from readings and terms (kpis/actions/states.py). `status`, `freshness` and
    `emotion` repeat what the entry says, for roll-ups and for noticing a change; `has_rules`: whether
    anything says how to judge it, figure or not. `next_change_at` is when
    time alone changes the entry; no index holds it, so that a refresh stays a HOT update: the earliest of
    a map stands in `due`.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    journey_map = models.ForeignKey(JourneyMap, models.PROTECT, db_constraint=False, db_index=False)
    binding = models.ForeignKey(Binding, models.PROTECT, db_constraint=False, db_index=False)
    pk = models.CompositePrimaryKey("workspace_id", "journey_map_id", "binding_id")
    element = models.ForeignKey(Element, models.PROTECT, null=True, db_constraint=False, db_index=False)
    place = models.PositiveIntegerField(default=0)
    entry = models.TextField()
    status = models.CharField(max_length=16)
    freshness = models.CharField(max_length=16)
    has_rules = models.BooleanField(db_default=True)
    emotion = models.DecimalField(max_digits=14, decimal_places=12, null=True)
    refreshed_at = models.DateTimeField()
    next_change_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "binding_state"


class FeedTurn(models.Model):
    """A source broke, or got well again: what an as-of read needs to know of `broken`. Insert-only."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    feed_id = models.UUIDField()
    broken = models.BooleanField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "feed_turn"
        indexes: ClassVar = [
            # how each feed of a map was at an instant
            models.Index(fields=["workspace", "feed_id", "recorded_at"], name="feed_turn_of_feed"),
        ]
