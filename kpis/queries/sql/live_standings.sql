-- What is bound at each element of a map: the entries joined as they are, and their short forms.
SELECT element_id,
       string_agg(entry, ',' ORDER BY place, binding_id),
       array_agg(CASE WHEN has_rules THEN status ELSE 'unjudged' END ORDER BY place, binding_id),
       array_agg(freshness ORDER BY place, binding_id),
       array_agg(emotion ORDER BY place, binding_id) FILTER (WHERE emotion IS NOT NULL)
FROM binding_state
WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
GROUP BY element_id
