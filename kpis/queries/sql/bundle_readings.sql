-- All readings of a workspace, also superseded and retracted ones, of each series in the order recorded.
WITH numbered AS (
  SELECT id, row_number() OVER (ORDER BY id) AS number FROM series WHERE workspace_id = %(workspace)s
)
SELECT json_strip_nulls(json_build_object(
  'series', numbered.number, 'start_at', r.start_at, 'end_at', r.end_at, 'key', r.key,
  'recorded_at', r.recorded_at, 'value', r.value, 'numerator', r.numerator, 'denominator', r.denominator,
  'n', r.n, 'counts', r.counts, 'retracted', r.retracted, 'feed_id', r.feed_id, 'cause_id', r.cause_id,
  'reason', r.reason, 'suspect', CASE WHEN r.suspect THEN true END))::text
FROM reading r JOIN numbered ON numbered.id = r.series_id
WHERE r.workspace_id = %(workspace)s
ORDER BY r.series_id, r.recorded_at, r.key, r.end_at, r.start_at
