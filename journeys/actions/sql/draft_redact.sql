-- The next revision of a draft whose bodies were tombstoned, of an archived map too. Its order stays.
WITH saved AS (
  UPDATE draft SET revision = revision + 1, digest = %(digest)s, format = %(format)s, updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
), named AS (
  UPDATE journey_map SET name = %(name)s, row_version = row_version + 1, updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND id = %(map)s
)
UPDATE draft_body SET digest = given.digest, content = given.content, body = NULL
FROM unnest(%(parts)s::text[], %(ids)s::uuid[], %(digests)s::bytea[], %(contents)s::bytea[])
  AS given (part, id, digest, content)
WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
  AND draft_body.part = given.part AND draft_body.id = given.id
