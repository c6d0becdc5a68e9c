-- Of some maps the first figures in breach, by place, and of each the one that speaks of the longest ago.
SELECT journey_map_id, 'breach' AS what, element_id, entry
FROM (
  SELECT journey_map_id, element_id, place, binding_id, entry,
         row_number() OVER (PARTITION BY journey_map_id ORDER BY place, binding_id) AS rank
  FROM binding_state
  WHERE workspace_id = %(workspace)s AND journey_map_id = ANY(%(maps)s::uuid[])
    AND has_rules AND status = 'breach'
) breach WHERE rank <= %(most)s
UNION ALL
SELECT journey_map_id, 'stalest', element_id, entry
FROM (
  SELECT DISTINCT ON (journey_map_id) journey_map_id, element_id, entry
  FROM (
    SELECT *, entry::jsonb ->> 'observed_at' AS observed_at FROM binding_state
    WHERE workspace_id = %(workspace)s AND journey_map_id = ANY(%(maps)s::uuid[])
  ) told
  WHERE observed_at IS NOT NULL
  ORDER BY journey_map_id, observed_at::timestamptz, place, binding_id
) stalest
