"""Labels of versions; maps that are published with approval only, and what reviewers said."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import TenantReference, TenantTable


def _tenant() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        to="service.workspace",
    )


def _map() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        to="journeys.journeymap",
    )


class Migration(migrations.Migration):
    dependencies = [("journeys", "0007_search")]

    operations = [
        migrations.AddField("journeymap", "requires_approval", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("revision", models.PositiveIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "verdict",
                    models.CharField(choices=[("approve", "Approve"), ("reject", "Reject")], max_length=16),
                ),
                ("comment", models.CharField(max_length=2000)),
                ("author_id", models.UUIDField()),
                ("author_name", models.CharField(max_length=200)),
                ("on_behalf_of", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
                ("journey_map", _map()),
                ("workspace", _tenant()),
            ],
            options={
                "db_table": "review",
                "indexes": [
                    models.Index(
                        fields=["workspace", "journey_map", "created_at", "id"], name="review_listing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VersionLabels",
            fields=[
                ("number", models.PositiveIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "workspace_id",
                        "journey_map_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None
                    ),
                ),
                ("row_version", models.PositiveIntegerField(default=0)),
                ("updated_at", models.DateTimeField(null=True)),
                ("journey_map", _map()),
                ("workspace", _tenant()),
            ],
            options={"db_table": "version_labels"},
        ),
        TenantTable("review", append_only=True),
        TenantReference("review", "journey_map_id", "journey_map"),
        TenantTable("version_labels"),
        migrations.RunSQL(
            "ALTER TABLE version_labels ADD CONSTRAINT version_labels_in_workspace "
            "FOREIGN KEY (workspace_id, journey_map_id, number) "
            "REFERENCES version (workspace_id, journey_map_id, number)",
            "ALTER TABLE version_labels DROP CONSTRAINT version_labels_in_workspace",
        ),
    ]
