-- What is bound at each element of a map, of the KPIs that a view shows (null: all), and when it changed last.
SELECT state.element_id,
       string_agg(state.entry, ',' ORDER BY state.place, state.binding_id),
       array_agg(CASE WHEN state.has_rules THEN state.status ELSE 'unjudged' END
                 ORDER BY state.place, state.binding_id),
       array_agg(state.freshness ORDER BY state.place, state.binding_id),
       array_agg(state.emotion ORDER BY state.place, state.binding_id) FILTER (WHERE state.emotion IS NOT NULL),
       max(state.refreshed_at)
FROM binding_state AS state
JOIN binding ON binding.workspace_id = state.workspace_id AND binding.id = state.binding_id
WHERE state.workspace_id = %(workspace)s AND state.journey_map_id = %(map)s
  AND (%(kpis)s::uuid[] IS NULL OR binding.kpi_id = ANY(%(kpis)s::uuid[]))
GROUP BY state.element_id
