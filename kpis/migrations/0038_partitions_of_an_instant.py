"""Partitions of coming years are made as of an instant, so that a year's edge can be crossed before it comes.

What may be asked for stays bounded: the caller's clock is believed up to a year ahead of the database's.
"""

from typing import ClassVar

from django.db import migrations

from service.rowlevel import OwnersFunction

BODY = """
BEGIN
  PERFORM make_reading_partitions(
    EXTRACT(year FROM least(at, now() + interval '1 year') AT TIME ZONE 'UTC')::int + 2);
END
"""
OLD = OwnersFunction(
    "make_coming_partitions()",
    "make_coming_partitions() RETURNS void",
    "BEGIN PERFORM make_reading_partitions(EXTRACT(year FROM now() AT TIME ZONE 'UTC')::int + 2); END",
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0037_figures_confirmed")]
    operations: ClassVar = [
        migrations.RunSQL(OLD.backward(), OLD.forward()),
        OwnersFunction(
            "make_coming_partitions(timestamptz)",
            # Without an instant it is now's, as releases before this one call it.
            "make_coming_partitions(at timestamptz DEFAULT now()) RETURNS void",
            BODY,
        ),
    ]
