-- Bases of series over a stock: what was true of them by as_of, as known at an instant of each question, oldest
-- first, by the place of the question. Their keys name their instants, so the list of external ids has them
-- side by side.
SELECT asked.place, k.end_at, held.numerator, held.recorded_at, held.reason
FROM unnest(%(places)s::int[], %(ids)s::bigint[], %(knowns)s::timestamptz[]) AS asked (place, id, known_at)
JOIN reading_key k ON k.workspace_id = %(workspace)s AND k.series_id = asked.id
  AND k.external_id >= 'base:' AND k.external_id < 'base;' AND k.end_at <= %(as_of)s
CROSS JOIN LATERAL (
  SELECT numerator, recorded_at, reason, retracted FROM reading r
  WHERE r.workspace_id = %(workspace)s AND r.series_id = k.series_id AND r.end_at = k.end_at
    AND r.start_at = k.start_at AND r.key = k.external_id AND r.recorded_at <= asked.known_at
  ORDER BY r.recorded_at DESC LIMIT 1
) held
WHERE NOT held.retracted
ORDER BY asked.place, k.end_at
