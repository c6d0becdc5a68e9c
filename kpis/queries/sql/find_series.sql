-- The series of these label sets, and of these feeds where a KPI keeps them apart, that exist.
SELECT s.kpi_id, s.revision, s.labels_key, s.part, s.id
FROM unnest(%(kpis)s::uuid[], %(revisions)s::int[], %(labels)s::text[], %(parts)s::uuid[])
  AS wanted (kpi_id, revision, labels_key, part)
JOIN series s ON s.workspace_id = %(workspace)s AND s.kpi_id = wanted.kpi_id
  AND s.revision = wanted.revision AND s.labels_key = wanted.labels_key
  AND s.part IS NOT DISTINCT FROM wanted.part
