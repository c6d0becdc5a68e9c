-- The next revision of a draft: what is gone, what differs, the order, and what the map shows of it.
-- Returns the revision; no row where another one was current, or the map is archived.
-- Whose hand it is, the transaction says: so no way of writing a draft can forget to tell.
WITH hand AS (
  SELECT last_version, NULLIF(current_setting('app.credential', true), '')::uuid AS id
  FROM journey_map WHERE workspace_id = %(workspace)s AND id = %(map)s
), saved AS (
  UPDATE draft SET revision = revision + 1, digest = %(digest)s, format = %(format)s,
         personas = COALESCE(%(personas)s::uuid[], personas),
         elements = COALESCE(%(elements)s::uuid[], elements),
         "references" = %(references)s::uuid[], links = %(links)s, updated_at = %(at)s,
         hands = array_remove(
           CASE WHEN hands_since = hand.last_version THEN array_remove(hands, hand.id) ELSE '{}' END || hand.id, NULL),
         hands_since = hand.last_version
  FROM hand
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND revision = %(revision)s
  RETURNING revision
), gone AS (
  DELETE FROM draft_body USING unnest(%(gone_parts)s::text[], %(gone_ids)s::uuid[]) AS gone (part, id)
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
    AND draft_body.part = gone.part AND draft_body.id = gone.id
), written AS (
  INSERT INTO draft_body (workspace_id, journey_map_id, part, id, number, digest, content)
  SELECT %(workspace)s, %(map)s, given.*
  FROM unnest(%(parts)s::text[], %(ids)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[],
              %(contents)s::bytea[]) AS given
  ON CONFLICT (workspace_id, journey_map_id, part, id)
  DO UPDATE SET digest = EXCLUDED.digest, content = EXCLUDED.content, body = NULL
)
UPDATE journey_map SET name = %(name)s, row_version = row_version + 1, updated_at = %(at)s
FROM saved WHERE workspace_id = %(workspace)s AND id = %(map)s AND archived_at IS NULL
RETURNING saved.revision
