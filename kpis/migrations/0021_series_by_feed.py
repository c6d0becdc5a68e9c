"""Series of KPIs that combine feeds are kept apart by feed."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0020_suspects")]
    operations: ClassVar = [
        migrations.AddField(model_name="series", name="part", field=models.UUIDField(null=True)),
        migrations.RemoveConstraint(model_name="series", name="series_by_labels"),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(
                fields=("workspace", "kpi", "revision", "labels_key", "part"),
                name="series_by_labels",
                nulls_distinct=False,
            ),
        ),
    ]
