-- The definitions of KPIs, and of all that they are or ever were made of, as far as they were known, and the first
-- of each in any case: oldest first.
WITH RECURSIVE asked AS (
  SELECT unnest(%(kpis)s::uuid[]) AS kpi_id
  UNION
  SELECT input.kpi_id
  FROM asked
  JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = asked.kpi_id AND r.inputs <> '{}'
  CROSS JOIN LATERAL unnest(r.inputs) AS input (kpi_id)
)
SELECT r.kpi_id, r.number, r.measure, r.definition::text, r.valid_from
FROM asked JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = asked.kpi_id
WHERE r.number = 1 OR r.recorded_at <= COALESCE(%(known_at)s::timestamptz, 'infinity')
ORDER BY r.kpi_id, r.number
