-- The rollups of days that were dirty replace what was there; a day without any event has none.
WITH days AS MATERIALIZED (
  SELECT * FROM unnest(%(series)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
    AS days (series_id, start_at, end_at)
), parts AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS parts (
    series_id bigint, start_at timestamptz, end_at timestamptz, numerator numeric, denominator numeric,
    n bigint, counts bigint[], total numeric, last numeric, last_at timestamptz, observed_at timestamptz, tally text)
), gone AS (
  DELETE FROM {table} part USING days
  WHERE part.workspace_id = %(workspace)s AND part.series_id = days.series_id
    AND part.start_at >= days.start_at AND part.start_at < days.end_at
    AND NOT EXISTS (
      SELECT FROM parts WHERE parts.series_id = part.series_id AND parts.start_at = part.start_at)
)
INSERT INTO {table} (workspace_id, series_id, start_at, end_at, numerator, denominator, n, counts, total,
                     last, last_at, observed_at, tally)
SELECT %(workspace)s, series_id, start_at, end_at, numerator, denominator, n, counts, total, last, last_at,
       observed_at, tally
FROM parts
ON CONFLICT (workspace_id, series_id, start_at) DO UPDATE SET
  end_at = excluded.end_at, numerator = excluded.numerator, denominator = excluded.denominator,
  n = excluded.n, counts = excluded.counts, total = excluded.total, last = excluded.last,
  last_at = excluded.last_at,
  observed_at = excluded.observed_at, tally = excluded.tally
