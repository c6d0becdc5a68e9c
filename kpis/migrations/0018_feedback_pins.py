"""What was said knows the quotes that were made of it, and the message that it stands in."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0017_feedback")]

    operations: ClassVar = [
        migrations.AddField("feedback", "pins", models.JSONField(default=list)),
        migrations.AddField("feedback", "event_id", models.UUIDField(null=True)),
    ]
