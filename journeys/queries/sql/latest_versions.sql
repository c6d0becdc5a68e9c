-- Open maps with the version that each published last (null: none yet), by name.
SELECT map.id, map.key, map.name, map.last_version, map.live_revision, version.id, version.digest,
       version.published_at
FROM journey_map AS map
LEFT JOIN version ON version.workspace_id = map.workspace_id AND version.journey_map_id = map.id
  AND version.number = map.last_version
WHERE map.workspace_id = %(workspace)s AND map.archived_at IS NULL
  AND (%(q)s::text = '' OR map.name ILIKE %(q)s::text)
  AND (%(maps)s::uuid[] IS NULL OR map.id = ANY(%(maps)s::uuid[]))
ORDER BY map.name COLLATE "C", map.id
LIMIT %(limit)s
