-- Readings as they were recorded elsewhere, with both their clocks. A key goes with what was recorded last.
WITH item AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS item (
    place int, series_id bigint, start_at timestamptz, end_at timestamptz, key text, recorded_at timestamptz,
    value numeric, numerator numeric, denominator numeric, n bigint, counts bigint[], retracted boolean,
    feed_id uuid, cause_id uuid, reason text, suspect boolean, hash text)
), keyed AS (
  INSERT INTO reading_key (workspace_id, series_id, external_id, start_at, end_at, payload_hash)
  SELECT DISTINCT ON (series_id, key)
         %(workspace)s::uuid, series_id, key, start_at, end_at, decode(hash, 'hex')
  FROM item WHERE key <> ''
  ORDER BY series_id, key, recorded_at DESC, place DESC
  ON CONFLICT (workspace_id, series_id, external_id) DO UPDATE
  SET start_at = excluded.start_at, end_at = excluded.end_at, payload_hash = excluded.payload_hash
)
INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator,
                     denominator, n, counts, retracted, feed_id, cause_id, reason,
                     suspect)
SELECT %(workspace)s, series_id, start_at, end_at, key, recorded_at, value, numerator, denominator, n, counts,
       retracted, feed_id, cause_id, reason, coalesce(suspect, false)
FROM item
