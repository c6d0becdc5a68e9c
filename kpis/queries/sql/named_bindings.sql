-- The bindings named, and those of the KPIs named or of ratios over them.
SELECT id, journey_map_id, archived_at IS NULL FROM binding
WHERE workspace_id = %(workspace)s AND (
  id = ANY(%(bindings)s::uuid[])
  OR kpi_id = ANY(%(kpis)s::uuid[])
  OR kpi_id IN (
    SELECT kpi_id FROM kpi_revision
    WHERE workspace_id = %(workspace)s
      AND (numerator_kpi_id = ANY(%(kpis)s::uuid[]) OR denominator_kpi_id = ANY(%(kpis)s::uuid[]))
  )
)
