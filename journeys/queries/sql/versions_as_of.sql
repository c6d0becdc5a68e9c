-- The maps that were open at an instant, with the version that each had published last (null: none yet), by the
-- names that they were published with; one that was not is called what it is called now.
SELECT map.id, map.key, named.name, coalesce(version.number, 0), map.live_revision, version.id, version.digest,
       version.published_at
FROM journey_map AS map
LEFT JOIN LATERAL (
  SELECT id, number, digest, published_at, root_body FROM version
  WHERE version.workspace_id = map.workspace_id AND version.journey_map_id = map.id
    AND version.published_at <= %(at)s
  ORDER BY version.published_at DESC, version.number DESC LIMIT 1
) AS version ON true
LEFT JOIN body ON body.workspace_id = map.workspace_id AND body.id = version.root_body
CROSS JOIN LATERAL (
  SELECT coalesce(convert_from(body.content, 'UTF8')::json ->> 'name', map.name) AS name
) AS named
WHERE map.workspace_id = %(workspace)s AND map.created_at <= %(at)s
  AND (map.archived_at IS NULL OR map.archived_at > %(at)s)
  AND (%(q)s::text = '' OR named.name ILIKE %(q)s::text)
  AND (%(maps)s::uuid[] IS NULL OR map.id = ANY(%(maps)s::uuid[]))
ORDER BY named.name COLLATE "C", map.id
LIMIT %(limit)s
