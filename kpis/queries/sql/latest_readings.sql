-- Per series, the latest of which something is said: where its last periods are counted from.
SELECT asked.id, held.start_at
FROM unnest(%(ids)s::bigint[], %(untils)s::timestamptz[]) AS asked (id, until)
CROSS JOIN LATERAL (
  SELECT start_at FROM (
    SELECT DISTINCT ON (end_at, start_at, key) start_at, retracted
    FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = asked.id AND end_at <= asked.until
      AND start_at <= %(as_of)s AND recorded_at <= %(known_at)s
      AND (end_at <= %(as_of)s OR recorded_at <= %(as_of)s)
    ORDER BY end_at DESC, start_at DESC, key DESC, recorded_at DESC
  ) latest WHERE NOT retracted LIMIT 1
) held
