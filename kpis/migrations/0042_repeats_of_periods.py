"""What was told again is told by its periods; by series alone it said nothing of one figure, and goes."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

_NAMES = ("sourcerun", "inboundevent")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0041_source_stretches")]
    operations: ClassVar = [
        *(migrations.RemoveField(name, "repeats") for name in _NAMES),
        *(
            migrations.AddField(name, "repeats", models.JSONField(db_default={}, default=dict))
            for name in _NAMES
        ),
    ]
