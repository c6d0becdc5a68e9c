-- Give every part of a draft the number of its body in the store; what the workspace lacks is inserted.
-- In the order of digests: two publishes that share new bodies wait for each other instead of deadlocking.
-- Returns the number of parts that still have none: somebody else inserted theirs meanwhile; do it again.
WITH new AS (
  SELECT DISTINCT ON (digest) digest, content FROM draft_body
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND body IS NULL
  ORDER BY digest
), known AS (
  SELECT new.digest, stored.id FROM new CROSS JOIN LATERAL (
    SELECT id FROM body WHERE body.workspace_id = %(workspace)s AND body.digest = new.digest LIMIT 1
  ) AS stored
), added AS (
  INSERT INTO body (workspace_id, digest, content)
  SELECT %(workspace)s, digest, content FROM new WHERE digest NOT IN (SELECT digest FROM known)
  ORDER BY digest
  ON CONFLICT DO NOTHING RETURNING digest, id
), found AS (
  SELECT * FROM known UNION ALL SELECT * FROM added
), numbered AS (
  UPDATE draft_body SET body = found.id FROM found
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND body IS NULL
    AND draft_body.digest = found.digest
)
SELECT (SELECT count(*) FROM new) - (SELECT count(*) FROM found)
