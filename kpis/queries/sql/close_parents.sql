-- What gathered others is closed with the last of them.
UPDATE finding f SET state = 'closed', closed_at = %(at)s, snoozed_until = NULL,
  row_version = f.row_version + 1, updated_at = %(at)s
WHERE f.workspace_id = %(workspace)s AND f.id = ANY(%(parents)s::uuid[]) AND f.state <> 'closed'
  AND NOT EXISTS (
    SELECT FROM finding c
    WHERE c.workspace_id = f.workspace_id AND c.parent_id = f.id AND c.state <> 'closed'
  )
RETURNING f.id, f.kind, f.about, f.level, f.severity, f.cause
