"""Since when the words of feedback are what they are: what was known then had others."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0032_inbound_follow")]
    operations: ClassVar = [
        migrations.AddField("feedback", "corrected_at", models.DateTimeField(null=True)),
    ]
