-- Store the bodies that the workspace lacks: of the draft's parts, and given ones. In the order of digests:
-- two publishes that share new bodies wait for each other instead of deadlocking.
INSERT INTO body (workspace_id, digest, content)
SELECT DISTINCT ON (new.digest) %(workspace)s, new.digest, new.content
FROM (
  SELECT digest, content FROM draft_body
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND digest = ANY(%(drafted)s::bytea[])
  UNION ALL
  SELECT * FROM unnest(%(digests)s::bytea[], %(contents)s::bytea[])
) AS new (digest, content)
ORDER BY new.digest
ON CONFLICT DO NOTHING RETURNING digest, id
