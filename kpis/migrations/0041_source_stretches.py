"""A source with many pages is read in several pulls: where each of them ended, and what it kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models.deletion import PROTECT

from service.rowlevel import TenantReference, TenantTable


def _reference(to: str) -> models.ForeignKey:
    return models.ForeignKey(db_constraint=False, db_index=False, on_delete=PROTECT, to=to)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0040_binding_state_room"), ("service", "0002_erasing")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SourceStretch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("question", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("window_start", models.DateTimeField()),
                ("window_end", models.DateTimeField()),
                ("slot_at", models.DateTimeField()),
                ("began_url", models.TextField()),
                ("url", models.TextField()),
                ("page", models.PositiveIntegerField()),
                ("pages", models.PositiveIntegerField()),
                ("kept", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
                ("source", _reference("kpis.source")),
                ("workspace", _reference("service.workspace")),
            ],
            options={
                "db_table": "source_stretch",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["workspace", "question", "number"], name="source_stretch_number"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["workspace", "source"], name="source_stretch_of_source"),
                ],
            },
        ),
        TenantTable("source_stretch"),
        TenantReference("source_stretch", "source_id", "source"),
    ]
