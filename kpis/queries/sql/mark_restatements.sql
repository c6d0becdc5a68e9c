-- Mark what was told otherwise of settled figures; their series are locked. What came late without changing
-- anything told before counts only where the period was spoken of by the time it settled: a history that is
-- loaded afterwards restates nothing.
WITH told AS (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS told (
    series_id bigint, start_at timestamptz, end_at timestamptz, since timestamptz, recorded_at timestamptz,
    why text, reason text, late boolean, bucket_start timestamptz, bucket_end timestamptz, settled_at timestamptz)
), marked AS (
  INSERT INTO restatement (workspace_id, series_id, start_at, end_at, since, recorded_at, why, reason)
  SELECT s.workspace_id, told.series_id, told.start_at, told.end_at, told.since, told.recorded_at, told.why,
         told.reason
  FROM told JOIN series s ON s.workspace_id = %(workspace)s AND s.id = told.series_id
  WHERE NOT told.late OR (s.created_at <= told.settled_at AND EXISTS (
    SELECT FROM reading r
    WHERE r.workspace_id = s.workspace_id AND r.series_id = s.id AND r.end_at >= told.bucket_start
      AND r.end_at <= told.bucket_end AND r.recorded_at <= told.settled_at))
  ON CONFLICT DO NOTHING
  RETURNING series_id, recorded_at
)
UPDATE series SET restated_at = latest.at
FROM (SELECT series_id, max(recorded_at) AS at FROM marked GROUP BY series_id) latest
WHERE series.workspace_id = %(workspace)s AND series.id = latest.series_id
