-- Sources that were claimed and may be pulled.
SELECT id, workspace_id, name, type, config::text, secret, mappings::text, schedule::text, catch_up, failures,
       circuit_opened_at, pulled_to, broken,
       EXISTS (SELECT FROM source_stretch AS stretch
               WHERE stretch.workspace_id = source.workspace_id AND stretch.question = source.id)
FROM source
WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::uuid[])
  AND archived_at IS NULL AND enabled AND NOT needs_secret
