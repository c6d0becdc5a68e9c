-- Of some maps the first figures in breach, by place, and of each the one that speaks of the longest ago.
WITH shown AS (
  SELECT state.journey_map_id, state.element_id, state.place, state.binding_id, state.has_rules, state.status,
         state.entry
  FROM binding_state AS state
  JOIN binding ON binding.workspace_id = state.workspace_id AND binding.id = state.binding_id
  WHERE state.workspace_id = %(workspace)s AND state.journey_map_id = ANY(%(maps)s::uuid[])
    AND (%(kpis)s::uuid[] IS NULL OR binding.kpi_id = ANY(%(kpis)s::uuid[]))
    AND (%(elements)s::uuid[] IS NULL OR state.element_id IS NULL
         OR state.element_id = ANY(%(elements)s::uuid[]))
)
SELECT journey_map_id, 'breach' AS what, element_id, entry
FROM (
  SELECT *, row_number() OVER (PARTITION BY journey_map_id ORDER BY place, binding_id) AS rank
  FROM shown WHERE has_rules AND status = 'breach'
) breach WHERE rank <= %(most)s
UNION ALL
SELECT journey_map_id, 'stalest', element_id, entry
FROM (
  SELECT DISTINCT ON (journey_map_id) journey_map_id, element_id, entry
  FROM (SELECT *, entry::jsonb ->> 'observed_at' AS observed_at FROM shown) told
  WHERE observed_at IS NOT NULL
  ORDER BY journey_map_id, observed_at::timestamptz, place, binding_id
) stalest
