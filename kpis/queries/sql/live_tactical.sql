-- The maps below the touchpoints of a map, and what is judged on each of them and below it, of the KPIs that
-- are shown (null: all).
WITH RECURSIVE below AS (
  SELECT id, id AS top, parent_touchpoint AS touchpoint FROM journey_map
  WHERE workspace_id = %(workspace)s AND parent_map_id = %(map)s AND archived_at IS NULL
  UNION
  SELECT lower.id, below.top, below.touchpoint FROM below
  JOIN journey_map AS lower
    ON lower.workspace_id = %(workspace)s AND lower.parent_map_id = below.id AND lower.archived_at IS NULL
)
SELECT below.touchpoint, below.top,
       array_agg(CASE WHEN state.has_rules THEN state.status ELSE 'unjudged' END)
         FILTER (WHERE state.status IS NOT NULL),
       array_agg(state.freshness) FILTER (WHERE state.status IS NOT NULL)
FROM below
LEFT JOIN binding_state AS state
  ON state.workspace_id = %(workspace)s AND state.journey_map_id = below.id
  AND (%(kpis)s::uuid[] IS NULL OR state.binding_id IN (
    SELECT id FROM binding WHERE workspace_id = %(workspace)s AND kpi_id = ANY(%(kpis)s::uuid[])
  ))
GROUP BY below.touchpoint, below.top
ORDER BY below.touchpoint, below.top
