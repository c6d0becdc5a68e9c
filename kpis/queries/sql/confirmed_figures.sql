-- Figures of whole periods that somebody said are right, as far as known by then: of each the last.
SELECT DISTINCT ON (kpi_id, labels, start_at, end_at) kpi_id, labels::text, start_at, end_at, value::numeric
FROM figure_confirmation
WHERE workspace_id = %(workspace)s AND kpi_id = ANY(%(kpis)s::uuid[]) AND recorded_at <= %(known_at)s
ORDER BY kpi_id, labels, start_at, end_at, recorded_at DESC, id DESC
