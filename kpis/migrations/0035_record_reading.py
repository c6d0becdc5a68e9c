"""One reading of a series that is there: locked, told and recorded by one call.

Each statement of a function that is VOLATILE sees what others committed before it began. So what comes after
the lock sees what they recorded who held it before, as statements of their own would: one statement that
both locks and looks would still see what was there before it waited.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

# plan_cache_mode: to plan any of this anew takes longer than to do it.
RECORD_READING = """
CREATE FUNCTION record_reading(
  given_workspace uuid, given_kpi uuid, given_measure int, given_labels text, given_part uuid,
  given_laid_down_at timestamptz, given_key text, given_history_from timestamptz,
  given_feed uuid, given_cause uuid, given_start timestamptz, given_end timestamptz, given_external_id text,
  given_hash bytea, given_value numeric, given_numerator numeric, given_denominator numeric, given_n bigint,
  given_counts bigint[], given_reason text,
  OUT held_id bigint, OUT held_feed uuid, OUT held_told_at timestamptz,
  OUT recorded timestamptz, OUT known boolean, OUT bound boolean
) LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM FROM kpi k
  JOIN kpi_revision r ON r.workspace_id = k.workspace_id AND r.kpi_id = k.id AND r.number = k.revision
  JOIN workspace w ON w.id = k.workspace_id
  WHERE k.workspace_id = given_workspace AND k.id = given_kpi AND k.archived_at IS NULL
    AND k.key IS NOT DISTINCT FROM given_key AND r.recorded_at = given_laid_down_at
    AND greatest(w.history_from, w.readings_from) = given_history_from;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT s.id, s.feed_id, s.told_at INTO held_id, held_feed, held_told_at FROM series s
  WHERE s.workspace_id = given_workspace AND s.kpi_id = given_kpi AND s.revision = given_measure
    AND s.labels_key = given_labels AND s.part IS NOT DISTINCT FROM given_part
  FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE series s
  SET told_at = greatest(clock_timestamp(), held_told_at + interval '1 microsecond', given_start)
  WHERE s.workspace_id = given_workspace AND s.id = held_id;
  IF held_feed IS DISTINCT FROM given_feed THEN
    RETURN;
  END IF;
  recorded := clock_timestamp();
  IF given_external_id = '' THEN
    PERFORM FROM reading r
    WHERE r.workspace_id = given_workspace AND r.series_id = held_id AND r.end_at = given_end
      AND r.start_at = given_start AND r.key = ''
    LIMIT 1;
    known := FOUND;
  ELSE
    INSERT INTO reading_key (workspace_id, series_id, external_id, start_at, end_at, payload_hash)
    VALUES (given_workspace, held_id, given_external_id, given_start, given_end, given_hash)
    ON CONFLICT DO NOTHING;
    known := NOT FOUND;
  END IF;
  IF known THEN
    RETURN;
  END IF;
  INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator,
                       denominator, n, counts, feed_id, cause_id, reason, suspect)
  VALUES (given_workspace, held_id, given_start, given_end, given_external_id, recorded, given_value,
          given_numerator, given_denominator, given_n, given_counts, given_feed, given_cause, given_reason,
          false);
  bound := EXISTS (SELECT FROM binding b WHERE b.workspace_id = given_workspace AND b.kpi_id = given_kpi)
    OR EXISTS (SELECT FROM kpi_revision r
               WHERE r.workspace_id = given_workspace AND r.inputs <> '{}' AND given_kpi = ANY(r.inputs));
END $$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0034_findings_then")]
    operations: ClassVar = [migrations.RunSQL(RECORD_READING, "DROP FUNCTION record_reading")]
