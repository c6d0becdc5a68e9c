-- Runs of sources that began before an instant, the oldest of each first, but for the last one that it had.
DELETE FROM source_run USING (
  SELECT run.id FROM source
  CROSS JOIN LATERAL (
    SELECT id FROM source_run
    WHERE workspace_id = source.workspace_id AND source_id = source.id AND created_at < least(%(before)s, (
      SELECT max(created_at) FROM source_run WHERE workspace_id = source.workspace_id AND source_id = source.id))
    ORDER BY created_at, id LIMIT %(most)s
  ) run
  WHERE source.workspace_id = %(workspace)s LIMIT %(most)s
) old
WHERE source_run.workspace_id = %(workspace)s AND source_run.id = old.id
RETURNING source_run.id
