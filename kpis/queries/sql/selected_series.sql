-- The series that each subject selects: of the KPI itself, or of the two that a ratio divides.
SELECT subject.subject, series.id, series.revision, series.labels_key, series.feed_id, series.told_at
FROM (
  SELECT s.*, jsonb_path_exists(s.selector, '$.* ? (@ == "*")') AS starred
  FROM unnest(%(subjects)s::int[], %(kpis)s::uuid[], %(selectors)s::jsonb[]) AS s (subject, kpi_id, selector)
) subject
JOIN series ON series.workspace_id = %(workspace)s AND series.kpi_id = subject.kpi_id
  AND CASE WHEN starred THEN selects_labels(subject.selector, series.labels)
           ELSE series.labels = subject.selector END
ORDER BY subject.subject, series.id
