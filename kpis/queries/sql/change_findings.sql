-- What became of findings that the transaction has locked, as one JSON text.
UPDATE finding f SET
  state = r.state, standing = r.standing, level = r.level, severity = r.severity, cause = r.cause,
  facts = COALESCE(r.facts, f.facts), parent_id = r.parent,
  snoozed_until = CASE WHEN r.state = 'snoozed' THEN f.snoozed_until END,
  over_at = CASE WHEN NOT r.standing THEN %(at)s::timestamptz END,
  closed_at = CASE WHEN r.state = 'closed' THEN COALESCE(f.closed_at, %(at)s) END,
  row_version = f.row_version + 1, updated_at = %(at)s
FROM json_to_recordset(%(rows)s::json)
  AS r (id uuid, state text, standing boolean, level text, severity text, cause text, facts jsonb,
        parent uuid)
WHERE f.workspace_id = %(workspace)s AND f.id = r.id
