-- The suspect events that nobody has confirmed, corrected or taken back, of the windows that are asked for.
SELECT asked."window", one.end_at, one.value, one.numerator, one.denominator, one.n
FROM unnest(%(windows)s::int[], %(ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[],
            %(knowns)s::timestamptz[])
  AS asked ("window", id, since, until, known_at)
JOIN reading one ON one.workspace_id = %(workspace)s AND one.series_id = asked.id AND one.suspect
  AND one.end_at >= asked.since AND one.end_at < asked.until AND one.recorded_at <= asked.known_at
WHERE NOT EXISTS (
  SELECT FROM reading later
  WHERE later.workspace_id = %(workspace)s AND later.series_id = one.series_id
    AND later.end_at = one.end_at AND later.start_at = one.start_at AND later.key = one.key
    AND later.recorded_at > one.recorded_at AND later.recorded_at <= asked.known_at)
ORDER BY 1, 2
