-- Corrections and retractions, each with an instant of recording of its own. Keys follow to the span that
-- holds now.
WITH item AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS item (
    place int, delivery int, series_id bigint, start_at timestamptz, end_at timestamptz, key text,
    value numeric, numerator numeric, denominator numeric, n bigint, counts bigint[], hash text, reason text,
    retracted boolean, suspect boolean, recorded_at timestamptz)
), keyed AS (
  INSERT INTO reading_key (workspace_id, series_id, external_id, start_at, end_at, payload_hash)
  SELECT DISTINCT ON (series_id, key)
         %(workspace)s::uuid, series_id, key, start_at, end_at, decode(hash, 'hex')
  FROM item WHERE key <> ''
  ORDER BY series_id, key, place DESC
  ON CONFLICT (workspace_id, series_id, external_id) DO UPDATE
  SET start_at = excluded.start_at, end_at = excluded.end_at, payload_hash = excluded.payload_hash
)
INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator,
                     denominator, n, counts, retracted, feed_id, cause_id, reason,
                     suspect)
SELECT %(workspace)s, series_id, start_at, end_at, key, recorded_at, value, numerator, denominator, n, counts,
       coalesce(retracted, false), (%(feeds)s::uuid[])[coalesce(delivery, 0) + 1],
       (%(causes)s::uuid[])[coalesce(delivery, 0) + 1], reason,
       coalesce(suspect, false)
FROM item
