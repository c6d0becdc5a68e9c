-- How the bindings of these KPIs and selectors stand, on maps that are not archived.
SELECT b.kpi_id, b.selector::text, s.status, s.freshness, s.entry
FROM unnest(%(kpis)s::uuid[], %(selectors)s::jsonb[]) AS wanted (kpi, selector)
JOIN binding b ON b.workspace_id = %(workspace)s AND b.kpi_id = wanted.kpi AND b.selector = wanted.selector
  AND b.archived_at IS NULL
JOIN journey_map m ON m.workspace_id = b.workspace_id AND m.id = b.journey_map_id AND m.archived_at IS NULL
JOIN binding_state s ON s.workspace_id = b.workspace_id AND s.journey_map_id = b.journey_map_id
  AND s.binding_id = b.id
ORDER BY b.id
