-- The findings of these kinds and subjects that stand, or were over lately, locked in the order of their ids.
SELECT f.kind, f.subject, f.id, f.state, f.standing, f.level, f.severity, f.over_at, f.parent_id,
  (SELECT p.kind FROM finding p WHERE p.workspace_id = f.workspace_id AND p.id = f.parent_id)
FROM finding f
JOIN unnest(%(kinds)s::text[], %(subjects)s::text[]) AS wanted (kind, subject)
  ON f.kind = wanted.kind AND f.subject = wanted.subject
WHERE f.workspace_id = %(workspace)s AND (f.standing OR f.over_at >= %(since)s)
ORDER BY f.id
FOR NO KEY UPDATE OF f
