-- The states of bindings, as one JSON text. Where and in which order they stand comes from the bindings.
INSERT INTO binding_state (workspace_id, journey_map_id, binding_id, element_id, place, entry, status,
                           freshness, has_rules, emotion, refreshed_at, next_change_at)
SELECT b.workspace_id, b.journey_map_id, b.id, b.element_id, b.place, r.entry, r.status, r.freshness,
       r.has_rules, r.emotion, clock_timestamp(), r.next
FROM json_to_recordset(%(rows)s::json)
  AS r (binding uuid, entry text, status text, freshness text, has_rules boolean, emotion numeric, next timestamptz)
JOIN binding b ON b.workspace_id = %(workspace)s AND b.id = r.binding
ON CONFLICT (workspace_id, journey_map_id, binding_id) DO UPDATE SET
  element_id = EXCLUDED.element_id, place = EXCLUDED.place, entry = EXCLUDED.entry,
  status = EXCLUDED.status, freshness = EXCLUDED.freshness, has_rules = EXCLUDED.has_rules, emotion = EXCLUDED.emotion,
  refreshed_at = EXCLUDED.refreshed_at, next_change_at = EXCLUDED.next_change_at
