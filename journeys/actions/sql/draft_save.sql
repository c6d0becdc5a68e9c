-- The next revision of a draft: what is gone, what differs, the order, and what the map shows of it.
-- Returns the revision; no row where another one was current.
WITH saved AS (
  UPDATE draft SET revision = revision + 1, digest = %(digest)s, personas = %(personas)s::uuid[],
         elements = %(elements)s::uuid[], "references" = %(references)s::uuid[], based_on = %(based_on)s,
         updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND revision = %(revision)s
  RETURNING revision
), gone AS (
  DELETE FROM draft_body USING saved
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND id = ANY(%(gone)s::uuid[])
), written AS (
  INSERT INTO draft_body (workspace_id, journey_map_id, id, part, digest, content)
  SELECT %(workspace)s, %(map)s, given.*
  FROM saved, unnest(%(ids)s::uuid[], %(parts)s::text[], %(digests)s::bytea[], %(contents)s::bytea[]) AS given
  ON CONFLICT (workspace_id, journey_map_id, id)
  DO UPDATE SET part = EXCLUDED.part, digest = EXCLUDED.digest, content = EXCLUDED.content
)
UPDATE journey_map SET name = %(name)s, row_version = row_version + 1, updated_at = %(at)s
FROM saved WHERE workspace_id = %(workspace)s AND id = %(map)s
RETURNING saved.revision
