"""How far back a workspace's readings go, once retention has deleted some."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("service", "0002_erasing")]
    operations: ClassVar = [
        migrations.AddField("workspace", "readings_from", models.DateTimeField(null=True)),
    ]
