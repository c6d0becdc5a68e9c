-- How locked bindings stand before they are worked out anew, with the term that holds now: of each the one
-- recorded last, as none begins in the future. Entries only for whoever compares them.
SELECT b.id, b.journey_map_id, s.status, s.freshness,
       CASE WHEN %(entries)s::boolean THEN s.entry END, clock_timestamp(),
       EXISTS (SELECT FROM journey_map m JOIN version v ON v.workspace_id = m.workspace_id
                 AND v.journey_map_id = m.id AND v.number = m.last_version AND v.personas <> '{}'
               WHERE m.workspace_id = b.workspace_id AND m.id = b.journey_map_id),
       b.kpi_id, t.element_id, t.selector::text, t.label, t.kpi_key, t.place
FROM binding b
CROSS JOIN LATERAL (
  SELECT * FROM binding_term t
  WHERE t.workspace_id = b.workspace_id AND t.journey_map_id = b.journey_map_id AND t.binding_id = b.id
  ORDER BY t.recorded_at DESC, t.id DESC LIMIT 1
) t
LEFT JOIN binding_state s ON s.workspace_id = b.workspace_id AND s.journey_map_id = b.journey_map_id
  AND s.binding_id = b.id
WHERE b.workspace_id = %(workspace)s AND b.id = ANY(%(bindings)s::uuid[]) AND b.archived_at IS NULL
ORDER BY t.place, b.id
