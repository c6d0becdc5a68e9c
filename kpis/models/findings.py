"""Findings: what the service noticed, with one life cycle, and the history of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kpis.models.definitions import Kpi
from kpis.models.exact_json import ExactDecoder, ExactEncoder
from kpis.models.sources import Source
from service.ids import new_id
from service.models import Workspace


class Finding(models.Model):
    """Something noticed of one subject: a KPI's series, or a source (kpis/series/finding.py).

    `subject` is Subject.key: at most one finding of a kind and subject is `standing`, i.e. what it says
    holds. `state` is what people and time made of it. `created_at` is when it was noticed, `since` from when
    on it was so; `over_at` when it ended. `parent`: the finding that tells of this one too, so that this
    one is not told by itself. Where it shows is not stored: it is where the KPI is bound.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=32)
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, db_constraint=False, db_index=False)
    labels = models.JSONField(default=dict)
    source = models.ForeignKey(Source, models.PROTECT, null=True, db_constraint=False, db_index=False)
    about = models.CharField(max_length=100, default="")
    level = models.CharField(max_length=32)
    severity = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="open")
    standing = models.BooleanField(default=True)
    cause = models.CharField(max_length=16)
    retrospective = models.BooleanField(default=False)
    facts = models.JSONField(default=dict, encoder=ExactEncoder, decoder=ExactDecoder)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_constraint=False, db_index=False)
    snoozed_until = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    row_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "finding"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="finding_in_workspace"),
            models.UniqueConstraint(
                fields=["workspace", "subject", "kind"],
                name="finding_standing",
                condition=models.Q(standing=True),
            ),
        ]
        indexes: ClassVar = [
            # GET /v1/findings; what became of a subject; children
            models.Index(fields=["workspace", "created_at", "id"], name="finding_listing"),
            models.Index(fields=["workspace", "subject", "kind"], name="finding_of_subject"),
            models.Index(
                fields=["workspace", "parent"],
                name="finding_children",
                condition=models.Q(parent__isnull=False),
            ),
        ]


class FindingChange(models.Model):
    """What happened to a finding: `change` is opened, worsened, acknowledged, noted … Insert-only.

    author: the credential of whoever did it, None where the service did. parent: as of this line. facts: what
    was noticed, where it was looked at anew. So what a finding said at any instant follows from its lines
    (kpis/series/finding_past.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    finding = models.ForeignKey(Finding, models.PROTECT, db_constraint=False, db_index=False)
    change = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    level = models.CharField(max_length=32)
    severity = models.CharField(max_length=16)
    cause = models.CharField(max_length=16, default="")
    note = models.CharField(max_length=2000, default="")
    snoozed_until = models.DateTimeField(null=True)
    author = models.UUIDField(null=True)
    author_name = models.CharField(max_length=200, default="")
    told = models.JSONField(default=dict)
    parent = models.ForeignKey(
        Finding, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    facts = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "finding_change"
        indexes: ClassVar = [
            models.Index(fields=["workspace", "finding", "created_at", "id"], name="finding_change_listing"),
            # what is to be told when a silence ends
            models.Index(
                fields=["workspace", "finding"],
                name="finding_change_silenced",
                condition=models.Q(told__has_key="silences"),
            ),
        ]
