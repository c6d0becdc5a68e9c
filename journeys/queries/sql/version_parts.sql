-- Some versions as the bodies of their root, stages and touchpoints, each in the order drawn.
WITH placed AS (
  SELECT version.id, version.journey_map_id, 0 AS place, NULL::bigint AS number, root_body AS body
  FROM version WHERE workspace_id = %(workspace)s AND id = ANY(%(versions)s::uuid[])
  UNION ALL
  SELECT version.id, version.journey_map_id, each.place, each.number, each.body
  FROM version, unnest(elements, bodies) WITH ORDINALITY AS each (number, body, place)
  WHERE workspace_id = %(workspace)s AND version.id = ANY(%(versions)s::uuid[])
)
SELECT placed.id, coalesce(element.kind, 'root'), element.id, body.content
FROM placed
JOIN body ON body.workspace_id = %(workspace)s AND body.id = placed.body
LEFT JOIN element ON element.workspace_id = %(workspace)s
  AND element.journey_map_id = placed.journey_map_id AND element.number = placed.number
ORDER BY placed.id, placed.place
