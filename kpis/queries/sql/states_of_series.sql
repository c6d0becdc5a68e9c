-- How the bindings of these KPIs and selectors stand, on maps that are not archived. The bindings are found first, by
-- hash: of a map whose tables were never analyzed, each state would else be held against each key and binding.
WITH shown AS MATERIALIZED (
  SELECT b.id, b.kpi_id, b.selector, b.journey_map_id
  FROM binding b
  WHERE b.workspace_id = %(workspace)s AND b.kpi_id = ANY(%(kpis)s::uuid[]) AND b.archived_at IS NULL
    AND ((b.kpi_id, b.selector) IN (
      SELECT wanted.kpi, wanted.selector
      FROM unnest(%(kpis)s::uuid[], %(selectors)s::jsonb[]) AS wanted (kpi, selector))) IS TRUE
)
SELECT b.kpi_id, b.selector::text, s.status, s.freshness, s.entry
FROM shown b
JOIN journey_map m ON m.workspace_id = %(workspace)s AND m.id = b.journey_map_id AND m.archived_at IS NULL
JOIN binding_state s ON s.workspace_id = %(workspace)s AND s.journey_map_id = b.journey_map_id
  AND s.binding_id = b.id
ORDER BY b.id
