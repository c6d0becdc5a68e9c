-- Of each improvement the term recorded last by an instant: of those on a map or aimed at a KPI, or of one alone;
-- none of what was archived by then.
SELECT improvement_id, journey_map_id, title, effective_at, until, elements, aims::text, written_at FROM (
  SELECT DISTINCT ON (improvement_id) improvement_id, journey_map_id, title, effective_at, until, elements, aims,
         archived, min(recorded_at) OVER (PARTITION BY improvement_id) AS written_at
  FROM improvement_term
  WHERE workspace_id = %(workspace)s
    AND (%(improvement)s::uuid IS NULL OR improvement_id = %(improvement)s)
    AND (%(known_at)s::timestamptz IS NULL OR recorded_at <= %(known_at)s)
  ORDER BY improvement_id, recorded_at DESC, id DESC
) AS said
WHERE NOT archived
  AND (%(improvement)s::uuid IS NOT NULL OR journey_map_id = %(map)s OR EXISTS (
    SELECT FROM jsonb_array_elements(aims) AS aim WHERE (aim->>'kpi')::uuid = ANY(%(kpis)s::uuid[])))
ORDER BY effective_at, improvement_id
