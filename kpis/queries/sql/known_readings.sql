-- What is known of these identities: the reading recorded last. An event is found by its external id,
-- wherever in time it lies; a figure by its span. The clock is read under the series' locks.
WITH item AS (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS item (
    place int, series_id bigint, start_at timestamptz, end_at timestamptz, key text)
), spanned AS (
  SELECT place, item.series_id, item.key, coalesce(held.start_at, item.start_at) AS start_at,
         coalesce(held.end_at, item.end_at) AS end_at
  FROM item LEFT JOIN reading_key held
    ON held.workspace_id = %(workspace)s AND held.series_id = item.series_id
   AND held.external_id = item.key AND item.key <> ''
  WHERE item.key = '' OR held.external_id IS NOT NULL
), known AS (
  SELECT place, r.start_at, r.end_at, r.recorded_at, r.retracted, r.value, r.numerator, r.denominator, r.n,
         r.counts
  FROM spanned CROSS JOIN LATERAL (
    SELECT * FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = spanned.series_id AND end_at = spanned.end_at
      AND start_at = spanned.start_at AND key = spanned.key
    ORDER BY recorded_at DESC LIMIT 1
  ) r
)
SELECT clock.at, known.* FROM (SELECT clock_timestamp() AS at) clock LEFT JOIN known ON true
