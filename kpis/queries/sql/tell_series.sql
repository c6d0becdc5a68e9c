-- Who holds these rows is alone in writing their readings; the order keeps writers from deadlock. `told_at`
-- only grows, and lies ahead of now where a reading does.
WITH held AS MATERIALIZED (
  SELECT series.id, feed_id, told_at, asked.latest
  FROM unnest(%(ids)s::bigint[], %(latest)s::timestamptz[]) AS asked (id, latest)
  JOIN series ON series.workspace_id = %(workspace)s AND series.id = asked.id
  ORDER BY series.id FOR NO KEY UPDATE OF series
)
UPDATE series SET told_at = greatest(clock_timestamp(), held.told_at + interval '1 microsecond', held.latest)
FROM held WHERE series.workspace_id = %(workspace)s AND series.id = held.id
RETURNING series.id, held.feed_id, held.told_at
