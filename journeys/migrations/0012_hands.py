"""A draft knows through whose hands it has gone since it was last published: who wrote does not approve."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journeys", "0011_redaction_of_words")]

    operations = [
        migrations.AddField(
            "draft",
            "hands",
            django.contrib.postgres.fields.ArrayField(models.UUIDField(), default=list),
        ),
        migrations.AddField("draft", "hands_since", models.PositiveIntegerField(default=0)),
    ]
