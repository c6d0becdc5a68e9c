"""Backfills: a source asked about the past, window by window; each window is a run."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import PROTECT

import service.ids
from service.rowlevel import TenantReference, TenantTable


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0018_feedback_pins"), ("service", "0002_erasing")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SourceBackfill",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                ("step_s", models.PositiveIntegerField()),
                ("done_to", models.DateTimeField()),
                ("state", models.CharField(max_length=16)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("error", models.CharField(default="", max_length=1000)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=PROTECT, to="kpis.source"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=PROTECT, to="service.workspace"
                    ),
                ),
            ],
            options={
                "db_table": "source_backfill",
                "constraints": [
                    models.UniqueConstraint(fields=["workspace", "id"], name="source_backfill_in_workspace"),
                    models.UniqueConstraint(
                        condition=models.Q(finished_at=None),
                        fields=["workspace", "source"],
                        name="source_backfill_at_a_time",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["workspace", "source", "created_at", "id"], name="source_backfill_listing"
                    )
                ],
            },
        ),
        TenantTable("source_backfill"),
        TenantReference("source_backfill", "source_id", "source"),
        migrations.AddField(
            "sourcerun",
            "backfill",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=PROTECT,
                to="kpis.sourcebackfill",
            ),
        ),
        TenantReference("source_run", "backfill_id", "source_backfill"),
    ]
