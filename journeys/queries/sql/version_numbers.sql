-- Versions of one map as the numbers of their bodies and elements, in the order of their manifests; with each
-- the ids of all elements that are in any of them, and which of these are stages.
WITH wanted AS (
  SELECT number, root_body, persona_ids, personas, elements, bodies
  FROM version
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND number = ANY(%(numbers)s::int[])
)
SELECT wanted.*, named.*
FROM wanted, (
  SELECT array_agg(number) AS known, array_agg(id) AS ids, array_agg(kind = 'stage') AS are_stages
  FROM element
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
    AND number = ANY(ARRAY(SELECT unnest(elements) FROM wanted))
) AS named
