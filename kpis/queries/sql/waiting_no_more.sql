-- Of endpoints, how many messages whose numerators wait were looked at, the latest ones, and of how many of them what was
-- recorded counts with its denominator: that came by another way since, or was here before. What is looked up is looked
-- up by its key, in this order (OFFSET 0), whatever the planner believes.
WITH waiting AS MATERIALIZED (
  SELECT asked.endpoint_id, e.id
  FROM unnest(%(endpoints)s::uuid[]) AS asked (endpoint_id)
  CROSS JOIN LATERAL (
    SELECT id FROM inbound_event
    WHERE workspace_id = %(workspace)s AND endpoint_id = asked.endpoint_id
      AND created_at >= %(since)s AND state = 'unmatched'
    ORDER BY created_at DESC, id DESC LIMIT %(most)s
  ) AS e
), claimed AS MATERIALIZED (
  SELECT waiting.id, c.item ->> 'kpi' AS kpi, c.item -> 'labels' AS labels,
         E'\x1f' || (c.item ->> 'external_id') AS key
  FROM waiting CROSS JOIN LATERAL (
    SELECT item::jsonb AS item FROM inbound_claim
    WHERE workspace_id = %(workspace)s AND event_id = waiting.id AND side = 'numerator' OFFSET 0
  ) AS c
), told AS MATERIALIZED (
  SELECT named.kpi, named.labels, s.id AS series_id
  FROM (SELECT DISTINCT kpi, labels FROM claimed) AS named
  JOIN kpi k ON k.workspace_id = %(workspace)s AND named.kpi IN (k.key, k.id::text)
  JOIN series s ON s.workspace_id = %(workspace)s AND s.kpi_id = k.id AND s.labels_key::jsonb = named.labels
), matched AS MATERIALIZED (
  SELECT DISTINCT claimed.id
  FROM claimed JOIN told ON told.kpi = claimed.kpi AND told.labels = claimed.labels
  CROSS JOIN LATERAL (
    SELECT start_at, end_at FROM reading_key
    WHERE workspace_id = %(workspace)s AND series_id = told.series_id AND external_id = claimed.key OFFSET 0
  ) AS held
  CROSS JOIN LATERAL (
    SELECT n, retracted FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = told.series_id AND end_at = held.end_at
      AND start_at = held.start_at AND key = claimed.key
    ORDER BY recorded_at DESC LIMIT 1
  ) AS stands
  WHERE stands.n = 1 AND NOT stands.retracted
)
SELECT waiting.endpoint_id, count(*), count(matched.id)
FROM waiting LEFT JOIN matched ON matched.id = waiting.id
GROUP BY waiting.endpoint_id
