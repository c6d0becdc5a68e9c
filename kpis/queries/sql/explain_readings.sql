-- The readings that bear on the figure of [since, until) in some series, or of the instant `since`, by known_at.
-- later: another row of the same was recorded after it. undone: the last of them takes it back. beyond: it lies,
-- or was told, after as_of.
WITH told AS (
  SELECT r.*, NOT (start_at <= %(as_of)s AND (end_at <= %(as_of)s OR recorded_at <= %(as_of)s)) AS beyond
  FROM unnest(%(ids)s::bigint[]) AS asked (id)
  CROSS JOIN LATERAL (
    SELECT * FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = asked.id AND recorded_at <= %(known_at)s
      AND end_at >= %(since)s AND end_at <= %(until)s
      AND (%(instant)s OR start_at >= %(since)s AND start_at < %(until)s)
    ORDER BY end_at, start_at, key, recorded_at
  ) r
  LIMIT %(most)s
)
SELECT told.series_id, start_at, end_at, key, recorded_at, value, numerator, denominator, n, counts, retracted,
       feed_id, coalesce(run.event_id, cause_id), run.rules_version, reason, suspect,
       recorded_at < max(recorded_at) OVER same AS later,
       first_value(retracted) OVER (same ORDER BY recorded_at DESC) AS undone, beyond
FROM told LEFT JOIN inbound_run run ON run.workspace_id = %(workspace)s AND run.id = told.cause_id
WINDOW same AS (PARTITION BY told.series_id, end_at, start_at, key, beyond)
ORDER BY told.series_id, end_at, start_at, key, recorded_at DESC
