"""When a settled figure was told otherwise: small marks, so that points say so without reading histories.

A mark is derived: what it says can be worked out of the readings (kpis/queries/sql/rebuild_restatements.sql).
"""

from typing import ClassVar

from django.db import migrations, models

from service.rowlevel import TenantReference, TenantTable

TABLE = """
CREATE TABLE restatement (
  workspace_id uuid NOT NULL,
  series_id bigint NOT NULL,
  start_at timestamptz NOT NULL,      -- what was told otherwise lies in [start_at, end_at]
  end_at timestamptz NOT NULL,
  since timestamptz NOT NULL,         -- the first instant of recording of what was told at once
  recorded_at timestamptz NOT NULL,   -- … and the last
  why text COLLATE "C" NOT NULL,
  reason text,
  PRIMARY KEY (workspace_id, series_id, end_at, recorded_at, start_at)
)
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0025_views_of_the_overview")]
    operations: ClassVar = [
        migrations.RunSQL(TABLE, "DROP TABLE restatement"),
        TenantTable("restatement"),
        TenantReference("restatement", "series_id", "series"),
        migrations.AddField("series", "restated_at", models.DateTimeField(null=True)),
    ]
