-- Of each binding the term recorded last: none begins in the future, so it is the one that holds.
SELECT b.id, b.journey_map_id, b.kpi_id, t.element_id, t.selector::text, t.label, t.kpi_key, t.place
FROM binding b
CROSS JOIN LATERAL (
  SELECT * FROM binding_term t
  WHERE t.workspace_id = b.workspace_id AND t.journey_map_id = b.journey_map_id AND t.binding_id = b.id
  ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1
) t
WHERE b.workspace_id = %(workspace)s AND b.archived_at IS NULL
  AND (b.id = ANY(%(bindings)s::uuid[]) OR b.journey_map_id = ANY(%(maps)s::uuid[]))
ORDER BY t.place, b.id
