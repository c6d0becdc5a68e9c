-- Bases of series over a stock: what was true of them by as_of, as known at known_at, oldest first. Their keys
-- name their instants, so the list of external ids has them side by side.
SELECT k.series_id, k.end_at, held.numerator, held.recorded_at, held.reason
FROM reading_key k
CROSS JOIN LATERAL (
  SELECT numerator, recorded_at, reason, retracted FROM reading r
  WHERE r.workspace_id = %(workspace)s AND r.series_id = k.series_id AND r.end_at = k.end_at
    AND r.start_at = k.start_at AND r.key = k.external_id AND r.recorded_at <= %(known_at)s
  ORDER BY r.recorded_at DESC LIMIT 1
) held
WHERE k.workspace_id = %(workspace)s AND k.series_id = ANY(%(ids)s::bigint[])
  AND k.external_id >= 'base:' AND k.external_id < 'base;' AND k.end_at <= %(as_of)s AND NOT held.retracted
ORDER BY k.series_id, k.end_at
