-- Rules of KPIs and bindings as far as they were known, in the order in which they were recorded.
SELECT kpi_id, binding_id, rules::text, valid_from, valid_to, recorded_at FROM rule
WHERE workspace_id = %(workspace)s AND recorded_at <= COALESCE(%(known_at)s::timestamptz, 'infinity')
  AND (kpi_id = ANY(%(kpis)s::uuid[]) OR binding_id = ANY(%(bindings)s::uuid[]))
ORDER BY recorded_at, id
