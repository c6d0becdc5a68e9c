-- The floor that each map settled last, by an instant (null: by now); the row without a map is for the others.
SELECT DISTINCT ON (journey_map_id) journey_map_id, floor
FROM coverage_floor
WHERE workspace_id = %(workspace)s AND (%(at)s::timestamptz IS NULL OR created_at <= %(at)s::timestamptz)
ORDER BY journey_map_id, number DESC
