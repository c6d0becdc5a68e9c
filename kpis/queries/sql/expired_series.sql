-- Series, but for those of a stock, in the order of their ids, that have readings from before the workspace's horizon.
SELECT s.id FROM series s
JOIN workspace w ON w.id = s.workspace_id
JOIN kpi_revision r ON r.workspace_id = s.workspace_id AND r.kpi_id = s.kpi_id AND r.number = s.revision
WHERE s.workspace_id = %(workspace)s AND r.definition ->> 'input' IS DISTINCT FROM 'flows'
  AND EXISTS (
    SELECT FROM reading
    WHERE reading.workspace_id = s.workspace_id AND reading.series_id = s.id
      AND reading.end_at < w.readings_from
  )
ORDER BY s.id LIMIT %(most)s
