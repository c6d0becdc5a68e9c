-- Claim the next number of the map, note on the draft what it is based on now, and insert the version.
-- No row where the number was claimed already or the map archived.
WITH claimed AS (
  UPDATE journey_map SET last_version = %(number)s, live_revision = live_revision + 1,
         row_version = row_version + 1, updated_at = %(published_at)s
  WHERE workspace_id = %(workspace_id)s AND id = %(journey_map_id)s AND last_version = %(number)s - 1
    AND archived_at IS NULL
  RETURNING workspace_id, id
), based AS (
  UPDATE draft SET based_on = %(number)s FROM claimed
  WHERE draft.workspace_id = claimed.workspace_id AND draft.journey_map_id = claimed.id
)
INSERT INTO version (id, workspace_id, journey_map_id, number, digest, format, root_body, persona_ids,
                     personas, elements, bodies, message, author_id, author_name, on_behalf_of,
                     restored_from, published_at)
SELECT %(id)s, claimed.workspace_id, claimed.id, %(number)s, %(digest)s, %(format)s, %(root_body)s,
       %(persona_ids)s::uuid[], %(personas)s::bigint[], %(elements)s::bigint[], %(bodies)s::bigint[],
       %(message)s, %(author_id)s, %(author_name)s, %(on_behalf_of)s::jsonb, %(restored_from)s,
       %(published_at)s
FROM claimed
