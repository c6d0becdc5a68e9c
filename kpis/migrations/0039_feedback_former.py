"""What people said in the words that were known then: a correction keeps what it takes the place of."""

from __future__ import annotations

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import TenantReference, TenantTable


def _reference(to: str, *, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        to=to,
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("journeys", "0011_redaction_of_words"),
        ("kpis", "0038_partitions_of_an_instant"),
        ("service", "0002_erasing"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="FormerFeedback",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("known_from", models.DateTimeField()),
                ("known_to", models.DateTimeField()),
                ("subject", models.UUIDField()),
                ("event_id", models.UUIDField(null=True)),
                ("text", models.TextField()),
                (
                    "hidden",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("score", models.FloatField(null=True)),
                ("sentiment", models.FloatField(null=True)),
                ("channel", models.CharField(default="", max_length=64)),
                ("labels", models.JSONField(default=dict)),
                ("solicited", models.BooleanField(null=True)),
                ("observed_at", models.DateTimeField()),
                ("element", _reference("journeys.element", null=True)),
                ("feedback", _reference("kpis.feedback")),
                ("journey_map", _reference("journeys.journeymap", null=True)),
                ("kpi", _reference("kpis.kpi", null=True)),
                ("workspace", _reference("service.workspace")),
            ],
            options={
                "db_table": "feedback_former",
                "indexes": [
                    models.Index(
                        fields=["workspace", "subject", "known_to"], name="feedback_former_of_subject"
                    ),
                    models.Index(fields=["workspace", "feedback", "known_to"], name="feedback_former_of"),
                    models.Index(fields=["workspace", "observed_at"], name="feedback_former_age"),
                ],
            },
        ),
        TenantTable("feedback_former"),
        TenantReference("feedback_former", "feedback_id", "feedback"),
        TenantReference("feedback_former", "journey_map_id", "journey_map"),
        TenantReference("feedback_former", "element_id", "element"),
        TenantReference("feedback_former", "kpi_id", "kpi"),
    ]
