-- Where the workspace holds an item, element, persona's snapshot, cluster, or what a map says of itself:
-- versions and drafts as (map, version or null).
WITH RECURSIVE kin AS (
  SELECT id, origin_id FROM journey_map WHERE workspace_id = %(workspace)s AND id = %(map)s
  UNION
  SELECT journey_map.id, journey_map.origin_id FROM kin
  JOIN journey_map ON journey_map.workspace_id = %(workspace)s
    AND (journey_map.origin_id = kin.id OR journey_map.id = kin.origin_id)
), held AS MATERIALIZED (
  SELECT id FROM body, unnest(%(marks)s::bytea[]) AS mark
  WHERE workspace_id = %(workspace)s AND position(mark IN content) > 0
), roots AS MATERIALIZED (
  SELECT id FROM body
  WHERE %(cluster)s::bytea IS NOT NULL AND workspace_id = %(workspace)s
    AND position(%(cluster)s::bytea IN content) > 0
), elements AS MATERIALIZED (
  SELECT journey_map_id, number FROM element
  WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::uuid[])
)
SELECT journey_map_id, id AS version FROM version
WHERE workspace_id = %(workspace)s
  AND (%(whole)s AND journey_map_id IN (SELECT id FROM kin)
       OR persona_ids && %(ids)s::uuid[] OR bodies && ARRAY(SELECT id FROM held)
       OR elements && ARRAY(SELECT number FROM elements WHERE journey_map_id = version.journey_map_id)
       OR root_body IN (SELECT id FROM roots) AND journey_map_id IN (SELECT id FROM kin))
UNION ALL
SELECT DISTINCT journey_map_id, NULL::uuid FROM draft_body
WHERE workspace_id = %(workspace)s
  AND (part <> 'root' AND id = ANY(%(ids)s::uuid[])
       OR EXISTS (SELECT FROM unnest(%(marks)s::bytea[]) AS mark WHERE position(mark IN content) > 0)
       OR part = 'root' AND (%(whole)s OR position(%(cluster)s::bytea IN content) > 0)
          AND journey_map_id IN (SELECT id FROM kin))
ORDER BY 1, 2
