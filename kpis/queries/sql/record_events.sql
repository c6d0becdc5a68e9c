-- Events whose external id is new to their series: key and reading in one statement. Answers the instant of
-- recording, the places in the batch of those that are known already, and whether a binding can show any of
-- the series: none is made while we hold their rows.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at),
item AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(rows)s::json) AS item (
    place int, delivery int, series_id bigint, start_at timestamptz, end_at timestamptz, key text,
    value numeric, numerator numeric, denominator numeric, n bigint, counts bigint[], hash text, reason text, suspect boolean)
), taken AS (
  INSERT INTO reading_key (workspace_id, series_id, external_id, start_at, end_at, payload_hash)
  SELECT %(workspace)s, series_id, key, start_at, end_at, decode(hash, 'hex') FROM item
  ON CONFLICT DO NOTHING
  RETURNING series_id, external_id
), recorded AS (
  INSERT INTO reading (workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator,
                       denominator, n, counts, feed_id, cause_id, reason, suspect)
  SELECT %(workspace)s, item.series_id, start_at, end_at, key, clock.at, value, numerator, denominator, n,
         counts, (%(feeds)s::uuid[])[coalesce(delivery, 0) + 1],
         (%(causes)s::uuid[])[coalesce(delivery, 0) + 1], reason, coalesce(suspect, false)
  FROM item JOIN taken ON taken.series_id = item.series_id AND taken.external_id = item.key
  CROSS JOIN clock
)
SELECT at, ARRAY(
  SELECT place FROM item
  WHERE NOT EXISTS (SELECT FROM taken WHERE taken.series_id = item.series_id AND taken.external_id = item.key)
), EXISTS (
  SELECT FROM (SELECT DISTINCT series_id FROM item) told
  JOIN series s ON s.workspace_id = %(workspace)s AND s.id = told.series_id
  WHERE EXISTS (SELECT FROM binding b WHERE b.workspace_id = s.workspace_id AND b.kpi_id = s.kpi_id)
    OR EXISTS (SELECT FROM kpi_revision r
               WHERE r.workspace_id = s.workspace_id AND r.inputs <> '{}' AND s.kpi_id = ANY(r.inputs))
) FROM clock
