"""The lowest and the highest value of a day were kept with its sums, in the key that they are read from, and
read by nobody.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_DROP = "ALTER TABLE rollup_{size} DROP CONSTRAINT rollup_{size}_pkey;"
_KEY = """
ALTER TABLE rollup_{size} ADD CONSTRAINT rollup_{size}_pkey PRIMARY KEY (workspace_id, series_id, start_at)
  INCLUDE (end_at, numerator, denominator, n, counts, total, {extremes}last, last_at, observed_at);
"""
_FORWARDS = (
    _DROP
    + "ALTER TABLE rollup_{size} DROP COLUMN minimum, DROP COLUMN maximum;"
    + _KEY.replace("{extremes}", "")
)
_BACKWARDS = (
    _DROP
    + "ALTER TABLE rollup_{size} ADD COLUMN minimum numeric, ADD COLUMN maximum numeric;"
    + _KEY.replace("{extremes}", "minimum, maximum, ")
)


def _both(sql: str) -> str:
    return "".join(sql.format(size=size) for size in ("hour", "day"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0042_repeats_of_periods")]
    operations: ClassVar = [migrations.RunSQL(_both(_FORWARDS), _both(_BACKWARDS))]
