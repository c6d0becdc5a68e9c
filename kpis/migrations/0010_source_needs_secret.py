"""Sources that came in a bundle, whose secrets travel otherwise."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0009_deciding_claims")]
    operations: ClassVar = [
        migrations.AddField("source", "needs_secret", models.BooleanField(default=False)),
    ]
