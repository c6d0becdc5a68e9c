-- The sources that were broken at an instant, with the KPIs that they fed, by themselves or through KPIs made of
-- theirs; and when each had succeeded last, as far as its runs are kept.
WITH RECURSIVE fed AS (
  SELECT source.id AS source_id, series.kpi_id FROM source
  JOIN LATERAL (
    SELECT broken FROM feed_turn
    WHERE workspace_id = %(workspace)s AND feed_id = source.id AND recorded_at <= %(at)s
    ORDER BY recorded_at DESC, id DESC LIMIT 1
  ) AS turn ON turn.broken
  JOIN series ON series.workspace_id = source.workspace_id AND series.feed_id = source.id
    AND series.created_at <= %(at)s
  WHERE source.workspace_id = %(workspace)s AND (source.archived_at IS NULL OR source.archived_at > %(at)s)
  UNION
  SELECT fed.source_id, made.kpi_id FROM fed
  JOIN kpi_revision made
    ON made.workspace_id = %(workspace)s AND made.inputs <> '{}' AND fed.kpi_id = ANY(made.inputs)
    AND made.recorded_at <= %(at)s
)
SELECT fed.kpi_id, source.name, source.id,
  CASE WHEN source.last_success_at <= %(at)s THEN source.last_success_at ELSE (
    SELECT run.created_at FROM source_run run
    WHERE run.workspace_id = %(workspace)s AND run.source_id = source.id AND run.created_at <= %(at)s
      AND run.status = 'succeeded'
    ORDER BY run.created_at DESC LIMIT 1
  ) END
FROM fed JOIN source ON source.workspace_id = %(workspace)s AND source.id = fed.source_id
WHERE fed.kpi_id = ANY(%(kpis)s::uuid[])
