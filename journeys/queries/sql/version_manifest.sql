-- A version as its bodies in the order of its manifest: the root, the personas, the elements.
WITH wanted AS (
  SELECT * FROM version WHERE workspace_id = %(workspace)s AND id = %(version)s
), placed AS (
  SELECT 0 AS part, 0 AS place, NULL::uuid AS persona, NULL::bigint AS element, root_body AS body
  FROM wanted
  UNION ALL
  SELECT 1, p.place, p.id, NULL, p.body
  FROM wanted, unnest(wanted.persona_ids, wanted.personas) WITH ORDINALITY AS p (id, body, place)
  UNION ALL
  SELECT 2, e.place, NULL, e.number, e.body
  FROM wanted, unnest(wanted.elements, wanted.bodies) WITH ORDINALITY AS e (number, body, place)
)
SELECT CASE placed.part WHEN 0 THEN 'root' WHEN 1 THEN 'persona' ELSE element.kind END,
       COALESCE(placed.persona, element.id),
       body.content, body.digest
FROM placed
JOIN body ON body.workspace_id = %(workspace)s AND body.id = placed.body
LEFT JOIN element ON element.workspace_id = %(workspace)s
  AND element.journey_map_id = (SELECT journey_map_id FROM wanted) AND element.number = placed.element
ORDER BY placed.part, placed.place
