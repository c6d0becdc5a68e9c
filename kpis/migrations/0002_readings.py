"""Readings: append-only, bitemporal, partitioned by the year of `end_at`; keys, rollups, dirty marks.

No model maps these tables: they are written and read by SQL alone. Each partition carries its own
policy, grants and trigger, because a partition that is addressed directly ignores its parent's.
Partitions are made ahead by `manage.py make_partitions` as the owner; ingest never runs DDL, as two
ingest transactions that do deadlock.
"""

from django.conf import settings
from django.db import migrations

from service.rowlevel import POLICY, TenantReference, TenantTable

READING = """
CREATE TABLE reading (
  workspace_id uuid NOT NULL,
  series_id bigint NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,        -- the instant itself when the reading is one
  key text COLLATE "C" NOT NULL,      -- external id of an event, '' for a period's figure
  recorded_at timestamptz NOT NULL,
  value numeric,
  numerator numeric,
  denominator numeric,
  n bigint,
  counts bigint[],                    -- answers per step of the scale, lowest first
  retracted boolean NOT NULL DEFAULT false,
  feed_id uuid,                       -- source or inbound endpoint; null = the API
  cause_id uuid,                      -- run, inbound event or credential
  reason text,                        -- why it was corrected or retracted, if somebody said
  PRIMARY KEY (workspace_id, series_id, end_at, start_at, key, recorded_at)
    INCLUDE (value, numerator, denominator, n, retracted),
  CHECK (start_at <= end_at)
) PARTITION BY RANGE (end_at)
"""

PARTITIONS = f"""
CREATE FUNCTION make_reading_partition(name text, lower text, upper text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('public.' || quote_ident(name)) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF reading FOR VALUES FROM (%s) TO (%s)', name, lower, upper);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format($p$CREATE POLICY workspace_only ON %I USING ({POLICY}) WITH CHECK ({POLICY})$p$, name);
  EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, "{settings.APP_ROLE}"', name);
  EXECUTE format('GRANT SELECT, INSERT ON %I TO "{settings.APP_ROLE}"', name);
  EXECUTE format('CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
                 'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
END $$;
CREATE FUNCTION make_reading_partitions(last_year int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM make_reading_partition('reading_before_2020', 'MINVALUE', quote_literal('2020-01-01 00:00:00+00'));
  FOR year IN 2020..last_year LOOP
    PERFORM make_reading_partition('reading_' || year,
      quote_literal(year || '-01-01 00:00:00+00'), quote_literal((year + 1) || '-01-01 00:00:00+00'));
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION make_reading_partition(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION make_reading_partitions(int) FROM PUBLIC;
"""

KEYS = """
CREATE TABLE reading_key (
  workspace_id uuid NOT NULL,
  series_id bigint NOT NULL,
  external_id text COLLATE "C" NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  payload_hash bytea NOT NULL,
  PRIMARY KEY (workspace_id, series_id, external_id)
);
"""

# Sums that may be summed, never averages: the columns are kpis.series.sums.Sums. Hours and days are those
# of the KPI's zone, so that periods are made of whole ones.
ROLLUPS = """
CREATE TABLE rollup_{size} (
  workspace_id uuid NOT NULL,
  series_id bigint NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  numerator numeric, denominator numeric, n bigint, counts bigint[], total numeric,
  minimum numeric, maximum numeric, last numeric, last_at timestamptz,
  observed_at timestamptz NOT NULL,   -- the latest event in it
  PRIMARY KEY (workspace_id, series_id, start_at)
);
"""

DIRTY = """
CREATE TABLE dirty_day (
  workspace_id uuid NOT NULL,
  series_id bigint NOT NULL,
  start_at timestamptz NOT NULL,      -- of the day in the KPI's zone
  end_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, series_id, start_at)
);
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0001_ground"), ("service", "0001_ground")]

    operations = [
        migrations.RunSQL(READING, "DROP TABLE reading"),
        TenantTable("reading", append_only=True),
        migrations.RunSQL(
            PARTITIONS,
            "DROP FUNCTION make_reading_partitions(int);"
            "DROP FUNCTION make_reading_partition(text, text, text)",
        ),
        migrations.RunSQL(
            "SELECT make_reading_partitions(EXTRACT(year FROM now())::int + 2)", migrations.RunSQL.noop
        ),
        migrations.RunSQL(KEYS, "DROP TABLE reading_key"),
        migrations.RunSQL(ROLLUPS.format(size="hour"), "DROP TABLE rollup_hour"),
        migrations.RunSQL(ROLLUPS.format(size="day"), "DROP TABLE rollup_day"),
        migrations.RunSQL(DIRTY, "DROP TABLE dirty_day"),
        TenantTable("reading_key"),
        TenantTable("rollup_hour"),
        TenantTable("rollup_day"),
        TenantTable("dirty_day"),
        TenantReference("reading_key", "series_id", "series"),
        TenantReference("rollup_hour", "series_id", "series"),
        TenantReference("rollup_day", "series_id", "series"),
        TenantReference("dirty_day", "series_id", "series"),
    ]
