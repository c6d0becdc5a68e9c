-- Locks series in the order of their ids and moves `told_at` on: what is remembered of their points is out of date.
WITH held AS MATERIALIZED (
  SELECT id FROM series
  WHERE workspace_id = %(workspace)s AND id = ANY(%(series)s::bigint[])
  ORDER BY id FOR NO KEY UPDATE
)
UPDATE series SET told_at = greatest(clock_timestamp(), series.told_at + interval '1 microsecond')
FROM held WHERE series.workspace_id = %(workspace)s AND series.id = held.id
RETURNING series.id
