-- What joined a stock and was lost of it in [since, until), of single events, by the place of the question.
SELECT asked.place, sum(numerator) FILTER (WHERE denominator IS NOT NULL), sum(denominator), sum(value)
FROM unnest(%(places)s::int[], %(ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[],
            %(knowns)s::timestamptz[])
  AS asked (place, id, since, until, known_at)
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (end_at, start_at, key) numerator, denominator, value, retracted
  FROM reading
  WHERE workspace_id = %(workspace)s AND series_id = asked.id AND recorded_at <= asked.known_at
    AND end_at >= asked.since AND end_at < asked.until
  ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
) event
WHERE NOT event.retracted
GROUP BY asked.place
