"""Figures are read from the index of the primary key alone, distributions included: their answers per step
are in it, too. Most figures have none, which takes no room there.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_KEY = """
ALTER TABLE reading DROP CONSTRAINT reading_pkey;
ALTER TABLE reading ADD CONSTRAINT reading_pkey
  PRIMARY KEY (workspace_id, series_id, end_at, start_at, key, recorded_at)
  INCLUDE (value, numerator, denominator, n, {counts}retracted, suspect);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0027_messages_end")]
    operations: ClassVar = [
        migrations.RunSQL(_KEY.format(counts="counts, "), _KEY.format(counts="")),
    ]
