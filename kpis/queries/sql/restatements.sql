-- What was told otherwise of some series in [since, until], as known by known_at, in the order of recording.
SELECT m.series_id, m.start_at, m.end_at, m.since, m.recorded_at, m.why, m.reason
FROM unnest(%(ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[]) AS asked (id, since, until)
JOIN restatement m ON m.workspace_id = %(workspace)s AND m.series_id = asked.id
  AND m.end_at >= asked.since AND m.start_at <= asked.until AND m.recorded_at <= %(known_at)s
ORDER BY m.recorded_at
