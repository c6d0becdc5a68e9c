-- Dirty days that are over, with the measure of the KPI that their series hold.
SELECT dirty.series_id, dirty.start_at, dirty.end_at, s.revision, (
  SELECT r.definition::text FROM kpi_revision r
  WHERE r.workspace_id = s.workspace_id AND r.kpi_id = s.kpi_id AND r.measure = s.revision
  ORDER BY r.number DESC LIMIT 1)
FROM dirty_day dirty
JOIN series s ON s.workspace_id = dirty.workspace_id AND s.id = dirty.series_id
WHERE dirty.workspace_id = %(workspace)s AND dirty.end_at <= %(at)s
ORDER BY dirty.series_id, dirty.start_at
LIMIT %(limit)s
