-- Of the terms recorded by known_at that hold at as_of, the one recorded last. A binding that was archived
-- by both clocks is gone.
SELECT binding_id, journey_map_id, kpi_id, element_id, selector::text, label, kpi_key, place FROM (
  SELECT DISTINCT ON (t.binding_id)
         t.binding_id, t.journey_map_id, b.kpi_id, t.element_id, t.selector, t.label, t.kpi_key, t.place
  FROM binding_term t
  JOIN binding b ON b.workspace_id = t.workspace_id AND b.id = t.binding_id
  WHERE t.workspace_id = %(workspace)s AND t.journey_map_id = ANY(%(maps)s::uuid[])
    AND t.recorded_at <= COALESCE(%(known_at)s::timestamptz, 'infinity')
    AND t.valid_from <= %(as_of)s AND (t.valid_to IS NULL OR t.valid_to > %(as_of)s)
    AND (b.archived_at IS NULL OR b.archived_at > LEAST(%(as_of)s, %(known_at)s::timestamptz))
  ORDER BY t.binding_id, t.recorded_at DESC, t.id DESC
) held
ORDER BY place, binding_id
