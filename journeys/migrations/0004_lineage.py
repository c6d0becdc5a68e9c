"""Where maps come from, and what was merged into them."""

import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import TenantReference, TenantTable


class Migration(migrations.Migration):
    dependencies = [("journeys", "0003_vocabularies")]

    operations = [
        migrations.AddField("journeymap", "origin_id", models.UUIDField(null=True)),
        migrations.AddField("journeymap", "origin_version", models.PositiveIntegerField(null=True)),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("source_map_id", models.UUIDField(null=True)),
                ("source_version", models.PositiveIntegerField(null=True)),
                ("revision", models.PositiveIntegerField()),
                ("message", models.CharField(max_length=2000)),
                ("author_id", models.UUIDField()),
                ("author_name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
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
                "db_table": "merge",
                "indexes": [
                    models.Index(
                        fields=["workspace", "journey_map", "created_at", "id"], name="merge_listing"
                    )
                ],
            },
        ),
        TenantTable("merge", append_only=True),
        TenantReference("merge", "journey_map_id", "journey_map"),
    ]
