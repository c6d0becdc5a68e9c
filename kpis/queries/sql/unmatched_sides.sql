-- Numerators of a KPI that wait for their denominators, of those told from `since` to `as_of`, as known then.
SELECT count(*)
FROM series s
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (end_at, start_at, key) numerator, denominator, retracted
  FROM reading
  WHERE workspace_id = %(workspace)s AND series_id = s.id AND recorded_at <= %(known_at)s
    AND end_at >= %(since)s AND end_at <= %(as_of)s AND key >= E'\x1f' AND key < E'\x20'
  ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
) told
WHERE s.workspace_id = %(workspace)s AND s.kpi_id = %(kpi)s AND s.revision = %(measure)s
  AND NOT told.retracted AND told.numerator IS NOT NULL AND told.denominator IS NULL
