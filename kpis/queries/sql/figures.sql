-- Per window of a series, the latest readings that lie in [since, until]: of each identity the row recorded last by
-- known_at, unless that takes it back. Of what ends after as_of only what was told by then, and when.
SELECT asked.place, held.*
FROM unnest(%(places)s::int[], %(ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[],
            %(mosts)s::int[], %(knowns)s::timestamptz[])
  AS asked (place, id, since, until, most, known_at)
CROSS JOIN LATERAL (
  SELECT start_at, end_at, CASE WHEN end_at > %(as_of)s THEN recorded_at END AS told_at,
         value, numerator, denominator, n, counts, suspect
  FROM (
    SELECT DISTINCT ON (end_at, start_at, key)
           start_at, end_at, recorded_at, value, numerator, denominator, n, counts, retracted, suspect
    FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = asked.id
      AND end_at >= asked.since AND end_at <= asked.until
      AND start_at >= asked.since AND start_at < asked.until
      AND start_at <= %(as_of)s AND recorded_at <= asked.known_at
      AND (end_at <= %(as_of)s OR recorded_at <= %(as_of)s)
    ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
  ) latest WHERE NOT retracted LIMIT asked.most
) held
