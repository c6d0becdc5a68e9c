import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import TenantReference, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0036_repeats_of_series"),
        ("service", "0003_readings_horizon"),
    ]

    operations = [
        migrations.CreateModel(
            name="FigureConfirmation",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("labels", models.JSONField(default=dict)),
                ("start_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                ("value", models.CharField(max_length=200)),
                ("reason", models.CharField(default="", max_length=500)),
                ("cause_id", models.UUIDField(null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "kpi",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="kpis.kpi",
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
                "db_table": "figure_confirmation",
                "indexes": [
                    models.Index(
                        fields=["workspace", "kpi", "recorded_at"], name="figure_confirmation_of_kpi"
                    )
                ],
            },
        ),
        TenantTable("figure_confirmation", append_only=True),
        TenantReference("figure_confirmation", "kpi_id", "kpi"),
    ]
