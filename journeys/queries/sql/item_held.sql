-- Where the workspace holds an item, or a persona's snapshot: versions and drafts as (map, version or null).
WITH held AS MATERIALIZED (
  SELECT id FROM body WHERE workspace_id = %(workspace)s AND position(%(mark)s IN content) > 0
)
SELECT journey_map_id, id AS version FROM version
WHERE workspace_id = %(workspace)s
  AND (persona_ids @> ARRAY[%(item)s::uuid] OR bodies && ARRAY(SELECT id FROM held))
UNION ALL
SELECT DISTINCT journey_map_id, NULL::uuid FROM draft_body
WHERE workspace_id = %(workspace)s
  AND (part = 'persona' AND id = %(item)s OR position(%(mark)s IN content) > 0)
ORDER BY 1, 2
