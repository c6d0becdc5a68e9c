-- The series of these label sets that exist.
SELECT s.kpi_id, s.revision, s.labels_key, s.id
FROM unnest(%(kpis)s::uuid[], %(revisions)s::int[], %(labels)s::text[]) AS wanted (kpi_id, revision, labels_key)
JOIN series s ON s.workspace_id = %(workspace)s AND s.kpi_id = wanted.kpi_id
  AND s.revision = wanted.revision AND s.labels_key = wanted.labels_key
