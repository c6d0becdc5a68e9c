-- A draft as its bodies in the order drawn, with the revision that this statement saw.
-- Places are joined, not looked up in the arrays: that would compare each of 2,000 elements with all others.
WITH wanted AS MATERIALIZED (
  SELECT * FROM draft WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
), placed AS (
  SELECT true AS persona, p.id, p.place FROM wanted, unnest(wanted.personas) WITH ORDINALITY AS p (id, place)
  UNION ALL
  SELECT false, e.id, e.place FROM wanted, unnest(wanted.elements) WITH ORDINALITY AS e (id, place)
)
SELECT wanted.revision, wanted.digest, body.part, body.id, body.content, body.digest
FROM wanted
JOIN draft_body AS body ON body.workspace_id = %(workspace)s AND body.journey_map_id = %(map)s
LEFT JOIN placed ON placed.id = body.id AND placed.persona = (body.part = 'persona')
ORDER BY body.part <> 'root', body.part <> 'persona', placed.place
