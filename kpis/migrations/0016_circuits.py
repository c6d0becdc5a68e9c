"""Sources that fail again and again are asked seldom; slots that were missed may be caught up with."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0015_derived")]
    operations: ClassVar = [
        migrations.AddField(
            "source", "catch_up", models.CharField(default="latest", db_default="latest", max_length=16)
        ),
        migrations.AddField("source", "circuit_opened_at", models.DateTimeField(null=True)),
        migrations.AddField("source", "pulled_to", models.DateTimeField(null=True)),
    ]
