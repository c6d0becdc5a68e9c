-- What publishing asks of bindings that lose their element: locked by hold_bindings, in the order shown.
SELECT binding.id, binding.key, COALESCE(NULLIF(binding.label, ''), kpi.name), binding.element_id,
       binding.updated_at
FROM binding JOIN kpi ON kpi.workspace_id = binding.workspace_id AND kpi.id = binding.kpi_id
WHERE binding.workspace_id = %(workspace)s AND binding.id = ANY(%(bindings)s::uuid[])
ORDER BY binding.place, binding.id
