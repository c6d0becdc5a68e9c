"""Improvements: dated changes to the real journey, and what was known of them when."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import kpis.models.exact_json
import service.ids
from service.rowlevel import TenantReference, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("journeys", "0011_redaction_of_words"),
        ("kpis", "0023_hold_bindings"),
        ("service", "0003_readings_horizon"),
    ]

    operations = [
        migrations.CreateModel(
            name="Improvement",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64, null=True)),
                ("attributes", models.JSONField(default=dict)),
                ("row_version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(null=True)),
                ("title", models.CharField(max_length=200)),
                ("description", models.CharField(default="", max_length=4000)),
                ("effective_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "elements",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "aims",
                    models.JSONField(
                        decoder=kpis.models.exact_json.ExactDecoder,
                        default=list,
                        encoder=kpis.models.exact_json.ExactEncoder,
                    ),
                ),
                ("links", models.JSONField(default=list)),
                (
                    "journey_map",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="journeys.journeymap",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="service.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "improvement",
            },
        ),
        migrations.CreateModel(
            name="ImprovementTerm",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("effective_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "elements",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
                ),
                (
                    "aims",
                    models.JSONField(
                        decoder=kpis.models.exact_json.ExactDecoder,
                        default=list,
                        encoder=kpis.models.exact_json.ExactEncoder,
                    ),
                ),
                ("archived", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "improvement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="kpis.improvement",
                    ),
                ),
                (
                    "journey_map",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="journeys.journeymap",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="service.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "improvement_term",
            },
        ),
        migrations.AddIndex(
            model_name="improvement",
            index=models.Index(
                models.F("workspace"),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("archived_at", None)),
                name="improvement_listing",
            ),
        ),
        migrations.AddIndex(
            model_name="improvement",
            index=models.Index(
                fields=["workspace", "journey_map", "effective_at"], name="improvement_of_map"
            ),
        ),
        migrations.AddConstraint(
            model_name="improvement",
            constraint=models.UniqueConstraint(fields=("workspace", "id"), name="improvement_in_workspace"),
        ),
        migrations.AddConstraint(
            model_name="improvement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("archived_at", None)), fields=("workspace", "key"), name="improvement_key"
            ),
        ),
        migrations.AddIndex(
            model_name="improvementterm",
            index=models.Index(
                fields=["workspace", "journey_map", "improvement", "recorded_at"],
                name="improvement_term_of_map",
            ),
        ),
        TenantTable("improvement"),
        TenantTable("improvement_term", append_only=True),
        TenantReference("improvement", "journey_map_id", "journey_map"),
        TenantReference("improvement_term", "improvement_id", "improvement"),
    ]
