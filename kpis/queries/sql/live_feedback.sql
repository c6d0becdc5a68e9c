-- What people said at each element of a map, and to KPIs that are bound there whole: how many, and the latest few.
-- kpis: those that are shown, null for all.
SELECT element_id, n, latest FROM feedback_tally
WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND n > 0
UNION ALL
SELECT bound.element_id, tally.n, tally.latest
FROM (
  SELECT DISTINCT element_id, kpi_id FROM binding
  WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s AND archived_at IS NULL
    AND NOT jsonb_path_exists(selector, '$.* ? (@ != "*")')
    AND (%(kpis)s::uuid[] IS NULL OR kpi_id = ANY(%(kpis)s::uuid[]))
) AS bound
JOIN feedback_tally AS tally ON tally.workspace_id = %(workspace)s AND tally.subject = bound.kpi_id AND tally.n > 0
