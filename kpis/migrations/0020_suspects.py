"""Readings beyond what their KPI says is plausible: kept apart until somebody confirms them.

The column is in the primary key's index, so that sums of events are still read from it alone.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_KEY = "(workspace_id, series_id, end_at, start_at, key, recorded_at)"
_SUSPECTS = """
ALTER TABLE reading ADD COLUMN suspect boolean NOT NULL DEFAULT false;
ALTER TABLE reading DROP CONSTRAINT reading_pkey;
ALTER TABLE reading ADD CONSTRAINT reading_pkey PRIMARY KEY {key}
  INCLUDE (value, numerator, denominator, n, retracted, suspect);
CREATE INDEX reading_suspect ON reading (workspace_id, series_id, end_at) WHERE suspect;
"""
_WITHOUT = """
DROP INDEX reading_suspect;
ALTER TABLE reading DROP CONSTRAINT reading_pkey;
ALTER TABLE reading DROP COLUMN suspect;
ALTER TABLE reading ADD CONSTRAINT reading_pkey PRIMARY KEY {key}
  INCLUDE (value, numerator, denominator, n, retracted);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0019_backfills")]
    operations: ClassVar = [
        migrations.RunSQL(_SUSPECTS.format(key=_KEY), _WITHOUT.format(key=_KEY)),
    ]
