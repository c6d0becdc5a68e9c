-- What is known of these identities: the reading recorded last. An event is found by its external id,
-- wherever in time it lies; a figure by its span. The clock is read under the series' locks.
-- LIMIT and MATERIALIZED keep each a lookup by the key: a join would read all the keys of the workspace.
-- `since` and `until` are the ends of the first and the last, where they are figures alone: partitions of other
-- years are not looked into, once for each figure.
WITH item AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS item (
    place int, series_id bigint, start_at timestamptz, end_at timestamptz, key text)
), spanned AS MATERIALIZED (
  SELECT place, series_id, key, start_at, end_at FROM item WHERE key = ''
  UNION ALL
  SELECT place, series_id, key, held.start_at, held.end_at
  FROM item CROSS JOIN LATERAL (
    SELECT start_at, end_at FROM reading_key
    WHERE workspace_id = %(workspace)s AND series_id = item.series_id AND external_id = item.key
    LIMIT 1
  ) held
  WHERE key <> ''
), known AS (
  SELECT place, r.start_at, r.end_at, r.recorded_at, r.retracted, r.value, r.numerator, r.denominator, r.n,
         r.counts
  FROM spanned CROSS JOIN LATERAL (
    SELECT * FROM reading
    WHERE workspace_id = %(workspace)s AND series_id = spanned.series_id AND end_at = spanned.end_at
      AND start_at = spanned.start_at AND key = spanned.key
      AND end_at BETWEEN coalesce(%(since)s::timestamptz, '-infinity') AND coalesce(%(until)s::timestamptz, 'infinity')
    ORDER BY recorded_at DESC LIMIT 1
  ) r
)
SELECT clock.at, known.* FROM (SELECT clock_timestamp() AS at) clock LEFT JOIN known ON true
