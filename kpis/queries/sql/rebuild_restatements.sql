-- Marks of what was told otherwise of settled figures, worked out of the readings of some series that have none.
WITH asked AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(periods)s::text[], %(zones)s::text[], %(settles)s::int[],
                       %(graces)s::int[])
    AS asked (id, period, zone, settle_s, grace_s)
), told AS (
  SELECT asked.id, r.start_at, r.end_at, r.recorded_at, r.retracted, r.reason, own.start AS bucket,
         CASE WHEN asked.period IS NULL THEN r.end_at ELSE own.finish END
           + make_interval(secs => asked.settle_s) AS settled_at,
         make_interval(secs => asked.grace_s) AS grace,
         EXISTS (
           SELECT FROM reading earlier
           WHERE earlier.workspace_id = r.workspace_id AND earlier.series_id = r.series_id
             AND earlier.end_at = r.end_at AND earlier.start_at = r.start_at AND earlier.key = r.key
             AND earlier.recorded_at < r.recorded_at
         ) AS again,
         asked.period IS NOT NULL AND (r.key <> '' OR r.end_at < own.finish) AS partial
  FROM asked
  JOIN reading r ON r.workspace_id = %(workspace)s AND r.series_id = asked.id
  CROSS JOIN LATERAL (
    SELECT trunc.start, (trunc.start AT TIME ZONE asked.zone + trunc.length) AT TIME ZONE asked.zone AS finish
    FROM (
      SELECT date_trunc(coalesce(asked.period, 'hour'), r.start_at, asked.zone) AS start,
             CASE asked.period WHEN 'quarter' THEN interval '3 months'
               ELSE ('1 ' || coalesce(asked.period, 'hour'))::interval END AS length
    ) trunc
  ) own
), marked AS (
  INSERT INTO restatement (workspace_id, series_id, start_at, end_at, since, recorded_at, why, reason)
  SELECT %(workspace)s, id, start_at, end_at, recorded_at, recorded_at,
         CASE WHEN retracted THEN 'retraction' WHEN again THEN 'correction' ELSE 'late_data' END, reason
  FROM told
  WHERE recorded_at > settled_at AND (again OR (partial AND recorded_at > settled_at + grace AND EXISTS (
    SELECT FROM told spoken
    WHERE spoken.id = told.id AND spoken.bucket = told.bucket
      AND spoken.recorded_at <= told.settled_at + told.grace)))
  ON CONFLICT DO NOTHING
  RETURNING series_id, recorded_at
)
UPDATE series SET restated_at = latest.at
FROM (SELECT series_id, max(recorded_at) AS at FROM marked GROUP BY series_id) latest
WHERE series.workspace_id = %(workspace)s AND series.id = latest.series_id
