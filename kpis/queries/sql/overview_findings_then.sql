-- The findings of some KPIs that were open at an instant and told by themselves. Of those that did not change
-- since, what they are says what they were.
SELECT finding.id, finding.kpi_id, finding.labels::text, line.severity
FROM finding
CROSS JOIN LATERAL (
  SELECT state, severity, parent_id FROM finding_change
  WHERE workspace_id = %(workspace)s AND finding_id = finding.id AND created_at <= %(at)s
  ORDER BY created_at DESC, id DESC LIMIT 1
) AS line
WHERE finding.workspace_id = %(workspace)s AND finding.kpi_id = ANY(%(kpis)s::uuid[])
  AND finding.created_at <= %(at)s AND (finding.state = 'open' OR finding.updated_at > %(at)s)
  AND line.state = 'open' AND line.parent_id IS NULL
