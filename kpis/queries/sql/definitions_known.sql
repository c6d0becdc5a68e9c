-- The definitions of KPIs, and of the two that a ratio divides, as far as they were known, and the first of each
-- in any case: oldest first.
WITH asked AS (
  SELECT unnest(%(kpis)s::uuid[]) AS kpi_id
), all_parts AS (
  SELECT kpi_id FROM asked
  UNION
  SELECT r.numerator_kpi_id FROM asked JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = asked.kpi_id
  UNION
  SELECT r.denominator_kpi_id FROM asked JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = asked.kpi_id
)
SELECT r.kpi_id, r.number, r.measure, r.definition::text, r.numerator_kpi_id, r.denominator_kpi_id, r.valid_from
FROM all_parts JOIN kpi_revision r ON r.workspace_id = %(workspace)s AND r.kpi_id = all_parts.kpi_id
WHERE r.number = 1 OR r.recorded_at <= COALESCE(%(known_at)s::timestamptz, 'infinity')
ORDER BY r.kpi_id, r.number
