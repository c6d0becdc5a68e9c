"""What inbound messages lead to is fetched, and stays with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

import service.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0031_coverage_floors")]
    operations: ClassVar = [
        migrations.AddField("inboundendpoint", "fetch", models.JSONField(null=True)),
        migrations.AddField("inboundendpoint", "fetch_secret", service.models.SealedField(null=True)),
        migrations.AddField("inboundevent", "followed", models.BinaryField(null=True)),
    ]
