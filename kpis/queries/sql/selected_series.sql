-- The series that each subject selects: of the KPI itself, or of those that it is made of.
SELECT subject.subject, series.id, series.revision, series.labels_key, series.feed_id, series.told_at,
       series.part, series.restated_at
FROM (
  SELECT s.*, jsonb_path_exists(s.selector, '$.* ? (@ == "*")') AS starred
  FROM json_to_recordset(%(subjects)s::json) AS s (subject int, kpi_id uuid, selector jsonb)
) subject
JOIN series ON series.workspace_id = %(workspace)s AND series.kpi_id = subject.kpi_id
  AND CASE WHEN starred THEN selects_labels(subject.selector, series.labels)
           ELSE series.labels = subject.selector END
ORDER BY subject.subject, series.id
