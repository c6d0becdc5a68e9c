-- The elements that elements of a map were copied from: theirs, and what those were copied from in turn.
-- Returns (element, ancestor), the nearest ancestor first.
WITH RECURSIVE line AS (
  SELECT id AS element, origin_id AS ancestor, 1 AS generation FROM element
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND origin_id IS NOT NULL
  UNION ALL
  SELECT line.element, element.origin_id, generation + 1 FROM line
  JOIN element ON element.workspace_id = %(workspace)s AND element.id = line.ancestor
  WHERE element.origin_id IS NOT NULL AND generation < 100
)
SELECT element, ancestor FROM line ORDER BY generation, element
