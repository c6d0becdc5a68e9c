"""A state tells whether anything says how to judge it: a roll-up says `judged 1 of 1`, and the rest apart."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0011_findings")]
    operations: ClassVar = [
        migrations.AddField("bindingstate", "has_rules", models.BooleanField(db_default=True)),
    ]
