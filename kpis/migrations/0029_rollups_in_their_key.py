"""Rollups are read from the index of their key alone: a month of a map's series lies on thousands of pages of
the tables. What was counted per value (`tally`) is not in it, as an index holds no long text.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_KEY = """
ALTER TABLE rollup_{size} DROP CONSTRAINT rollup_{size}_pkey;
ALTER TABLE rollup_{size} ADD CONSTRAINT rollup_{size}_pkey
  PRIMARY KEY (workspace_id, series_id, start_at) {include};
"""
_SUMS = (
    "INCLUDE (end_at, numerator, denominator, n, counts, total, minimum, maximum, last, last_at, observed_at)"
)


def _keys(include: str) -> str:
    return "".join(_KEY.format(size=size, include=include) for size in ("hour", "day"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0028_counts_in_the_key")]
    operations: ClassVar = [migrations.RunSQL(_keys(_SUMS), _keys(""))]
