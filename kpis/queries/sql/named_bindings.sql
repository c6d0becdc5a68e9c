-- The bindings named, and those of the KPIs named or of what is made of them.
WITH RECURSIVE fed AS (
  SELECT unnest(%(kpis)s::uuid[]) AS kpi_id
  UNION
  SELECT r.kpi_id FROM fed
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.inputs <> '{}' AND fed.kpi_id = ANY(r.inputs)
)
SELECT id, journey_map_id, archived_at IS NULL FROM binding
WHERE workspace_id = %(workspace)s
  AND (id = ANY(%(bindings)s::uuid[]) OR kpi_id IN (SELECT kpi_id FROM fed))
