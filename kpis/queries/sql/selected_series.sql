-- The series that each subject selects: of the KPI itself, or of the two that a ratio divides.
WITH subject AS (
  SELECT * FROM unnest(%(subjects)s::int[], %(kpis)s::uuid[], %(selectors)s::jsonb[])
    AS s (subject, kpi_id, selector)
)
SELECT subject.subject, series.id, series.kpi_id, series.revision, series.labels, series.feed_id
FROM subject
JOIN series ON series.workspace_id = %(workspace)s AND series.kpi_id = subject.kpi_id
  AND (series.labels = subject.selector OR selects_labels(subject.selector, series.labels))
