-- Of each map the version that was the latest at an instant, where that hangs the map below a touchpoint:
-- the map, and the touchpoint. A root is small, and a workspace has a thousand maps at most unless told so.
SELECT journey_map.id, (convert_from(body.content, 'UTF8')::json ->> 'parent_touchpoint')::uuid
FROM journey_map
CROSS JOIN LATERAL (
  SELECT root_body FROM version
  WHERE version.workspace_id = journey_map.workspace_id AND version.journey_map_id = journey_map.id
    AND version.published_at <= %(at)s
  ORDER BY version.published_at DESC, version.number DESC LIMIT 1
) AS latest
JOIN body ON body.workspace_id = journey_map.workspace_id AND body.id = latest.root_body
WHERE journey_map.workspace_id = %(workspace)s
  AND (journey_map.archived_at IS NULL OR journey_map.archived_at > %(at)s)
  AND position('"parent_touchpoint":' IN convert_from(body.content, 'UTF8')) > 0
  AND convert_from(body.content, 'UTF8')::json ->> 'parent_touchpoint' IS NOT NULL
ORDER BY journey_map.id
