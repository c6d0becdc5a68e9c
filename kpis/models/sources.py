"""Sources that are pulled, their runs and backfills."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from service.ids import new_id
from service.models import Resource, SealedField, Workspace, listing_index, resource_constraints


class Source(Resource):
    """A system that workers ask on a schedule. Its next slot is a `due` row of kind `source`.

    `secret` is sealed; a source that came in a bundle without its own waits for it (`needs_secret`).
    `failures` counts failed runs since the last good one; `broken` colours the figures that it feeds. Since
    `circuit_opened_at` it is asked seldom. `pulled_to` is the slot of the last good run: the slots after it
    are pulled one by one with `catch_up` "all", and with "latest" the last of them alone.
    """

    name = models.CharField(max_length=200)
    type = models.CharField(max_length=32)
    config = models.JSONField()
    secret = SealedField(null=True)
    needs_secret = models.BooleanField(default=False)
    mappings = models.JSONField()
    schedule = models.JSONField()
    enabled = models.BooleanField(default=True)
    catch_up = models.CharField(max_length=16, default="latest", db_default="latest")
    failures = models.PositiveIntegerField(default=0)
    circuit_opened_at = models.DateTimeField(null=True)
    pulled_to = models.DateTimeField(null=True)
    broken = models.BooleanField(default=False)
    last_run_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=1000, default="")

    class Meta:
        db_table = "source"
        constraints: ClassVar = resource_constraints("source")
        indexes: ClassVar = [listing_index("source")]


class SourceBackfill(models.Model):
    """A source asked about [start_at, end_at) in windows of `step_s`; `done_to` is how far it is.

    Its next window is a `due` row of kind `backfill`. `counts` adds up its runs, `failures` counts the failed
    ones since the last good one. A source has one at a time that is not finished.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    step_s = models.PositiveIntegerField()
    done_to = models.DateTimeField()
    state = models.CharField(max_length=16)
    failures = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=1000, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "source_backfill"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "id"], name="source_backfill_in_workspace"),
            models.UniqueConstraint(
                fields=["workspace", "source"],
                name="source_backfill_at_a_time",
                condition=models.Q(finished_at=None),
            ),
        ]
        indexes: ClassVar = [
            # GET /v1/sources/{id}/backfills
            models.Index(fields=["workspace", "source", "created_at", "id"], name="source_backfill_listing"),
        ]


class SourceRun(models.Model):
    """One attempt to pull: how long, what it brought, why it failed. backfill: what it was a window of.

    repeats: which readings it told again (kpis/series/told_again.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False)
    backfill = models.ForeignKey(
        SourceBackfill, models.PROTECT, null=True, db_constraint=False, db_index=False
    )
    slot_at = models.DateTimeField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    status = models.CharField(max_length=16)
    error = models.CharField(max_length=1000, default="")
    counts = models.JSONField(default=dict)
    repeats = models.JSONField(default=dict, db_default={})
    issues = models.JSONField(default=list)

    class Meta:
        db_table = "source_run"
        indexes: ClassVar = [
            # GET /v1/sources/{id}/runs
            models.Index(fields=["workspace", "source", "created_at", "id"], name="source_run_listing"),
        ]


class SourceStretch(models.Model):
    """Some pages that were read of a question that takes several pulls; the last tells where to go on.

    `question`: the source whose pull it is, or the backfill whose window. `number`: of the stretch, from 1.
    [`window_start`, `window_end`) and `slot_at` are the question's, since it began. `url` and `page`: of the
    page that is next; `pages`: read so far. `kept`: what is needed of these pages when the last is read.
    Rows end with their question.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.PROTECT, db_constraint=False, db_index=False)
    source = models.ForeignKey(Source, models.PROTECT, db_constraint=False, db_index=False)
    question = models.UUIDField()
    number = models.PositiveIntegerField()
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    slot_at = models.DateTimeField()
    began_url = models.TextField()
    url = models.TextField()
    page = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    kept = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "source_stretch"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "question", "number"], name="source_stretch_number"),
        ]
        indexes: ClassVar = [
            # those of a source that was changed
            models.Index(fields=["workspace", "source"], name="source_stretch_of_source"),
        ]
