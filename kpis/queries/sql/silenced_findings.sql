-- Findings of which a silence kept back what became of them last, with what was told of them last (null: nothing).
WITH quiet AS (
  SELECT DISTINCT finding_id FROM finding_change WHERE workspace_id = %(workspace)s AND told ? 'silences'
)
SELECT f.id, f.kind, f.kpi_id, f.labels::text, f.source_id, f.about, f.level, f.severity, f.state, f.standing,
       f.cause, f.retrospective, f.facts::text, told.change, told.severity, told.level
FROM quiet
JOIN finding f ON f.workspace_id = %(workspace)s AND f.id = quiet.finding_id AND f.parent_id IS NULL
JOIN LATERAL (
  SELECT change.told FROM finding_change change
  WHERE change.workspace_id = %(workspace)s AND change.finding_id = quiet.finding_id AND change.told <> '{}'
  ORDER BY change.created_at DESC, change.id DESC LIMIT 1
) latest ON latest.told ? 'silences'
LEFT JOIN LATERAL (
  SELECT change.change, change.severity, change.level FROM finding_change change
  WHERE change.workspace_id = %(workspace)s AND change.finding_id = quiet.finding_id AND change.told ? 'events'
  ORDER BY change.created_at DESC, change.id DESC LIMIT 1
) told ON true
ORDER BY f.id
FOR NO KEY UPDATE OF f
