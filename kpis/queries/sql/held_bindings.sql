-- The bindings of a map, locked in the order of their ids, as everybody who works out states does.
SELECT binding.id, binding.key, COALESCE(NULLIF(binding.label, ''), kpi.name), binding.element_id,
       binding.place, binding.updated_at
FROM binding JOIN kpi ON kpi.workspace_id = binding.workspace_id AND kpi.id = binding.kpi_id
WHERE binding.workspace_id = %(workspace)s AND binding.journey_map_id = %(map)s
  AND binding.archived_at IS NULL
ORDER BY binding.id
FOR NO KEY UPDATE OF binding
