-- Make rows due at an instant or earlier. The anti-join leaves alone, and unlocked, what is early enough.
INSERT INTO due (workspace_id, kind, row_id, due_at, attempts)
SELECT %(workspace)s, %(kind)s, wanted.map, wanted.at, 0
FROM unnest(%(maps)s::uuid[], %(ats)s::timestamptz[]) AS wanted (map, at)
LEFT JOIN due ON due.workspace_id = %(workspace)s AND due.kind = %(kind)s AND due.row_id = wanted.map
WHERE due.due_at IS NULL OR due.due_at > wanted.at
ORDER BY wanted.map
ON CONFLICT (workspace_id, kind, row_id) DO UPDATE SET due_at = EXCLUDED.due_at
WHERE due.due_at > EXCLUDED.due_at
