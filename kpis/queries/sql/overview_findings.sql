-- How many findings are open of what some maps show, by severity; what a broken source explains is told by it.
SELECT binding.journey_map_id, finding.severity, count(DISTINCT finding.id)
FROM finding
JOIN binding ON binding.workspace_id = finding.workspace_id AND binding.kpi_id = finding.kpi_id
  AND binding.selector = finding.labels AND binding.archived_at IS NULL
WHERE finding.workspace_id = %(workspace)s AND finding.state = 'open' AND finding.parent_id IS NULL
  AND binding.journey_map_id = ANY(%(maps)s::uuid[])
  AND (%(kpis)s::uuid[] IS NULL OR binding.kpi_id = ANY(%(kpis)s::uuid[]))
  AND (%(elements)s::uuid[] IS NULL OR binding.element_id IS NULL
       OR binding.element_id = ANY(%(elements)s::uuid[]))
GROUP BY binding.journey_map_id, finding.severity
