-- Series with dirty days that are over, and those days; the series that waits longest first.
SELECT dirty.series_id, dirty.start_at, dirty.end_at, s.revision, s.kpi_id
FROM dirty_day dirty
JOIN series s ON s.workspace_id = dirty.workspace_id AND s.id = dirty.series_id
WHERE dirty.workspace_id = %(workspace)s AND dirty.end_at <= %(at)s
ORDER BY dirty.series_id, dirty.start_at
LIMIT %(limit)s
