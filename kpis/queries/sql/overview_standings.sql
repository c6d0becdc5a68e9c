-- What is judged at each element of some maps, in short.
SELECT journey_map_id, element_id,
       array_agg(CASE WHEN has_rules THEN status ELSE 'unjudged' END ORDER BY place, binding_id),
       array_agg(freshness ORDER BY place, binding_id)
FROM binding_state
WHERE workspace_id = %(workspace)s AND journey_map_id = ANY(%(maps)s::uuid[])
GROUP BY journey_map_id, element_id
