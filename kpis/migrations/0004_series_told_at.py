"""When something was told of a series last: what its points, once worked out, are held against."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0003_feeds")]
    operations: ClassVar = [
        migrations.AddField(model_name="series", name="told_at", field=models.DateTimeField(null=True)),
    ]
