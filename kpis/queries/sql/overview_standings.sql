-- What is judged at each element of some maps, in short; of these KPIs and elements alone where some are named.
SELECT state.journey_map_id, state.element_id,
       array_agg(CASE WHEN state.has_rules THEN state.status ELSE 'unjudged' END
                 ORDER BY state.place, state.binding_id),
       array_agg(state.freshness ORDER BY state.place, state.binding_id)
FROM binding_state AS state
JOIN binding ON binding.workspace_id = state.workspace_id AND binding.id = state.binding_id
WHERE state.workspace_id = %(workspace)s AND state.journey_map_id = ANY(%(maps)s::uuid[])
  AND (%(kpis)s::uuid[] IS NULL OR binding.kpi_id = ANY(%(kpis)s::uuid[]))
  AND (%(elements)s::uuid[] IS NULL OR state.element_id IS NULL OR state.element_id = ANY(%(elements)s::uuid[]))
GROUP BY state.journey_map_id, state.element_id
