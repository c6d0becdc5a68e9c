-- Claim the next number of the map, note on the draft what it is based on now, and insert the version.
-- `root` and `personas` are bodies that replace the draft's, where personas of the library are filled in.
-- One row: whether there is nothing to publish, then the number, its instant, the number before, and the
-- elements: all in the order drawn, the new ones, those that are gone. No number where nothing was claimed.
WITH previous AS (
  SELECT version.* FROM version JOIN journey_map
    ON journey_map.workspace_id = %(workspace)s AND journey_map.id = %(map)s
   AND version.workspace_id = %(workspace)s AND version.journey_map_id = %(map)s
   AND version.number = journey_map.last_version
), drafted AS (
  SELECT personas, elements FROM draft WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
), part AS MATERIALIZED (
  SELECT part, id, number, body FROM draft_body
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
), manifest AS (
  SELECT min(body) FILTER (WHERE part = 'root') AS root,
         array_agg(body ORDER BY array_position(drafted.personas, id)) FILTER (WHERE part = 'persona')
           AS personas,
         array_agg(number ORDER BY array_position(drafted.elements, id)) FILTER (WHERE number IS NOT NULL)
           AS elements,
         array_agg(body ORDER BY array_position(drafted.elements, id)) FILTER (WHERE number IS NOT NULL)
           AS bodies
  FROM drafted, part
), claimed AS (
  UPDATE journey_map SET last_version = last_version + 1, live_revision = live_revision + 1,
         row_version = row_version + 1, updated_at = %(at)s
  WHERE workspace_id = %(workspace)s AND id = %(map)s AND archived_at IS NULL
    AND NOT EXISTS (SELECT FROM previous WHERE digest = %(digest)s)
  RETURNING last_version
), based AS (
  UPDATE draft SET based_on = claimed.last_version FROM claimed
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
), added AS (
  INSERT INTO version (id, workspace_id, journey_map_id, number, digest, format, root_body, persona_ids,
                       personas, elements, bodies, message, author_id, author_name, on_behalf_of,
                       restored_from, published_at)
  SELECT %(id)s, %(workspace)s, %(map)s, claimed.last_version, %(digest)s, %(format)s,
         COALESCE(%(root)s, manifest.root), drafted.personas,
         COALESCE(%(personas)s::bigint[], manifest.personas, '{}'), COALESCE(manifest.elements, '{}'),
         COALESCE(manifest.bodies, '{}'), %(message)s, %(author_id)s, %(author_name)s,
         %(on_behalf_of)s::jsonb, %(restored_from)s,
         -- Instants of versions ascend with their numbers, whatever the clocks of two processes say.
         GREATEST(%(at)s, (SELECT published_at FROM previous) + interval '1 microsecond')
  FROM claimed, drafted, manifest
  RETURNING number, published_at
)
SELECT EXISTS (SELECT FROM previous WHERE digest = %(digest)s), added.number, added.published_at,
       (SELECT number FROM previous), drafted.elements,
       ARRAY(SELECT id FROM part WHERE number <> ALL(COALESCE((SELECT elements FROM previous), '{}'))),
       ARRAY(SELECT element.id FROM previous, unnest(previous.elements) AS gone (number)
             JOIN element ON element.workspace_id = %(workspace)s AND element.journey_map_id = %(map)s
              AND element.number = gone.number
             WHERE gone.number NOT IN (SELECT number FROM part WHERE number IS NOT NULL))
FROM drafted LEFT JOIN added ON true
