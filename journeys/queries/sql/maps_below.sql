-- The maps that show touchpoints of a map in detail, and those below them, as published last.
WITH RECURSIVE below AS (
  SELECT id, id AS top, parent_touchpoint AS touchpoint FROM journey_map
  WHERE workspace_id = %(workspace)s AND parent_map_id = %(map)s AND archived_at IS NULL
  UNION
  SELECT lower.id, below.top, below.touchpoint FROM below
  JOIN journey_map AS lower
    ON lower.workspace_id = %(workspace)s AND lower.parent_map_id = below.id AND lower.archived_at IS NULL
)
SELECT id, top, touchpoint FROM below ORDER BY touchpoint, top, id
