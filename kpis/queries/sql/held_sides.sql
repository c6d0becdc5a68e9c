-- What stands of the sides of things, in all label sets of their KPIs; of one feed where they are kept apart.
-- Each by a look into the list of external ids.
SELECT s.kpi_id, s.labels_key, s.part, k.external_id, held.start_at, held.numerator, held.denominator, held.n
FROM unnest(%(kpis)s::uuid[], %(measures)s::int[], %(keys)s::text[], %(parts)s::uuid[])
  AS asked (kpi_id, measure, key, part)
JOIN series s ON s.workspace_id = %(workspace)s AND s.kpi_id = asked.kpi_id AND s.revision = asked.measure
  AND s.part IS NOT DISTINCT FROM asked.part
JOIN reading_key k ON k.workspace_id = %(workspace)s AND k.series_id = s.id AND k.external_id = asked.key
CROSS JOIN LATERAL (
  SELECT start_at, numerator, denominator, n, retracted FROM reading r
  WHERE r.workspace_id = %(workspace)s AND r.series_id = k.series_id AND r.end_at = k.end_at
    AND r.start_at = k.start_at AND r.key = k.external_id
  ORDER BY r.recorded_at DESC LIMIT 1
) held
WHERE NOT held.retracted
