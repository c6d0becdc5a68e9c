"""A KPI by name, its definitions over time, and its series.

Readings themselves have no model: they are partitioned, written and read by SQL alone
(kpis/migrations/0002_readings.py, kpis/queries/sql).
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from kpis.models.exact_json import ExactDecoder, ExactEncoder
from service.models import Resource, Workspace, listing_index, resource_constraints


class Kpi(Resource):
    """Something measured. What it means is in its revisions; `revision` numbers the current one.

    `rules` are the target and thresholds that hold now, kept here for lists; their history is in Rule.
    """

    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000, default="")
    owner = models.CharField(max_length=200, default="")
    revision = models.PositiveIntegerField(default=1)
    rules = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)

    class Meta:
        db_table = "kpi"
        constraints: ClassVar = resource_constraints("kpi")
        indexes: ClassVar = [listing_index("kpi")]


class KpiRevision(models.Model):
    """A definition: kind, method, scale, unit, direction, period, zone … Insert-only.

    `definition` holds the fields of kpis.series.definition.Definition. One made of other KPIs
    names them: `inputs` are those of its expression.
    `measure` numbers the revision that last changed what is measured: revisions of one measure differ only
    in how figures are judged (direction, min_n …) and share their series; values of two are never mixed.
    """

    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    pk = models.CompositePrimaryKey("workspace_id", "kpi_id", "number")
    measure = models.PositiveIntegerField()
    definition = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    inputs = ArrayField(models.UUIDField(), default=list)
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "kpi_revision"
        indexes: ClassVar = [
            # which KPIs are made of others: looked through when one of these gets a reading
            models.Index(
                fields=["workspace", "kpi"], name="kpi_revision_derived", condition=~models.Q(inputs=[])
            ),
        ]


class Series(models.Model):
    """One measure of a KPI under one set of labels. `labels_key` is the canonical JSON of `labels`.

    `part` is the feed that it is kept apart for, where the KPI combines feeds (null: the API), else null.
    `revision` is KpiRevision.measure. `feed_id` is the source, endpoint or API (null) that feeds it: one
    per series. `told_at` is when something was told of it last, or what lies ahead of that: whoever changes
    its readings moves it on, and points that were worked out before are out of date. `restated_at` is when
    a settled figure was told otherwise last; what and why stands in the table `restatement`.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    kpi = models.ForeignKey(Kpi, models.PROTECT, db_constraint=False, db_index=False)
    revision = models.PositiveIntegerField()
    labels = models.JSONField()
    labels_key = models.CharField(max_length=2000)
    part = models.UUIDField(null=True)
    feed_id = models.UUIDField(null=True)
    told_at = models.DateTimeField(null=True)
    restated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "series"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="series_in_workspace"),
            models.UniqueConstraint(
                fields=["workspace", "kpi", "revision", "labels_key", "part"],
                name="series_by_labels",
                nulls_distinct=False,
            ),
        ]
