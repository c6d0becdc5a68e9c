"""How often a series was told again stands with the run or message that did: it leaves no row of its own."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0035_record_reading")]
    operations: ClassVar = [
        migrations.AddField(name, "repeats", models.JSONField(db_default={}, default=dict))
        for name in ("sourcerun", "inboundevent")
    ]
