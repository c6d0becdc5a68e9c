"""Rollups keep single values, counted per value: medians and percentiles are read from them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kpis", "0013_notices")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE rollup_hour ADD COLUMN tally text; ALTER TABLE rollup_day ADD COLUMN tally text",
            "ALTER TABLE rollup_hour DROP COLUMN tally; ALTER TABLE rollup_day DROP COLUMN tally",
        ),
    ]
