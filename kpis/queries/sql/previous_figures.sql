-- The figure before each of these: the latest that holds, is not suspect and ends by where that one begins.
-- Of figures of about the same length: a day is not held against a month.
SELECT asked.place, held.start_at, held.end_at, held.value, held.numerator, held.denominator, held.n, held.counts
FROM unnest(%(places)s::int[], %(ids)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
  AS asked (place, id, start_at, end_at)
CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT DISTINCT ON (end_at, start_at, key) start_at, end_at, value, numerator, denominator, n, counts,
           retracted, suspect
    FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = asked.id AND key = ''
      AND end_at <= asked.start_at AND (end_at, start_at) <> (asked.end_at, asked.start_at)
    ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
  ) latest
  WHERE NOT retracted AND NOT suspect
    AND (latest.end_at - latest.start_at) * 2 >= asked.end_at - asked.start_at
    AND latest.end_at - latest.start_at <= (asked.end_at - asked.start_at) * 2
  LIMIT 1
) held
