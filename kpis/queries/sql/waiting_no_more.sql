-- Of endpoints, how many messages whose numerators waited for denominators that came by another way since, or were here
-- before: what was recorded of one of them counts with its denominator.
SELECT e.endpoint_id, count(*)
FROM inbound_event e
WHERE e.workspace_id = %(workspace)s AND e.endpoint_id = ANY(%(endpoints)s::uuid[])
  AND e.created_at >= %(since)s AND e.state = 'unmatched'
  AND EXISTS (
    SELECT FROM inbound_claim c
    JOIN kpi k ON k.workspace_id = %(workspace)s
     AND c.item::json ->> 'kpi' IN (k.key, k.id::text)
    JOIN series s ON s.workspace_id = %(workspace)s AND s.kpi_id = k.id
    JOIN reading_key told ON told.workspace_id = %(workspace)s AND told.series_id = s.id
     AND told.external_id = E'\x1f' || (c.item::json ->> 'external_id')
    CROSS JOIN LATERAL (
      SELECT n, retracted FROM reading r
      WHERE r.workspace_id = %(workspace)s AND r.series_id = told.series_id AND r.end_at = told.end_at
        AND r.start_at = told.start_at AND r.key = told.external_id
      ORDER BY r.recorded_at DESC LIMIT 1
    ) stands
    WHERE c.workspace_id = %(workspace)s AND c.event_id = e.id AND c.side = 'numerator'
      AND NOT stands.retracted AND stands.n = 1
  )
GROUP BY e.endpoint_id
