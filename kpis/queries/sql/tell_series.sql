-- All of the series asked for, or none where one of them is not there, or its KPI is not as the caller
-- remembers it (laid_down_at; null where the caller has just read it). Who holds these rows is alone in writing
-- their readings; the order keeps writers from deadlock. `told_at` only grows, and lies ahead of now where a
-- reading does.
-- To plan this, and what follows in the transaction, anew for each reading takes longer than to do it, and whether
-- Postgres does so hangs on what it last counted of the tables. Here it does not, as it does not know the workspace
-- (SELECT); what follows keeps its plans by the setting, which ends with the transaction.
WITH asked AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(asked)s::json)
    AS asked (kpi_id uuid, measure int, labels text, part uuid, latest timestamptz, laid_down_at timestamptz,
              key text, history_from timestamptz)
), current AS MATERIALIZED (
  -- before any series is looked for: the planner would ask it of every pair of the two
  SELECT kpi_id, measure, labels, part, latest FROM asked
  WHERE laid_down_at IS NULL OR EXISTS (
    SELECT FROM kpi k
    JOIN kpi_revision r ON r.workspace_id = k.workspace_id AND r.kpi_id = k.id AND r.number = k.revision
    JOIN workspace w ON w.id = k.workspace_id
    WHERE k.workspace_id = (SELECT %(workspace)s::uuid) AND k.id = asked.kpi_id AND k.archived_at IS NULL
      AND k.key IS NOT DISTINCT FROM asked.key AND r.recorded_at = asked.laid_down_at
      AND greatest(w.history_from, w.readings_from) = asked.history_from
  )
), found AS MATERIALIZED (
  SELECT s.id, current.latest FROM current
  CROSS JOIN LATERAL (
    SELECT id FROM series
    WHERE workspace_id = (SELECT %(workspace)s::uuid) AND kpi_id = current.kpi_id
      AND revision = current.measure AND labels_key = current.labels
      AND part IS NOT DISTINCT FROM current.part
    OFFSET 0
  ) s
), held AS MATERIALIZED (
  SELECT series.id, feed_id, told_at, found.latest
  FROM found JOIN series ON series.workspace_id = (SELECT %(workspace)s::uuid) AND series.id = found.id
  WHERE (SELECT count(*) FROM found) = (SELECT count(*) FROM asked)
  ORDER BY series.id FOR NO KEY UPDATE OF series
)
UPDATE series SET told_at = greatest(clock_timestamp(), held.told_at + interval '1 microsecond', held.latest)
FROM held WHERE series.workspace_id = (SELECT %(workspace)s::uuid) AND series.id = held.id
RETURNING series.kpi_id, series.revision, series.labels_key, series.part, series.id, held.feed_id, held.told_at,
          (SELECT set_config('plan_cache_mode', 'force_generic_plan', true))
