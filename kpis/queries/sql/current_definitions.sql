-- The KPIs that readings name, with the definition that holds now and what bounds their readings.
SELECT k.id, k.key, r.number, r.measure, r.definition::text, r.recorded_at,
       greatest(w.history_from, w.readings_from) AS history_from,
       (w.limits ->> 'series_per_kpi')::int AS series_limit
FROM kpi k
JOIN kpi_revision r ON r.workspace_id = k.workspace_id AND r.kpi_id = k.id AND r.number = k.revision
JOIN workspace w ON w.id = k.workspace_id
WHERE k.workspace_id = %(workspace)s AND k.archived_at IS NULL
  AND (k.id = ANY(%(ids)s::uuid[]) OR k.key = ANY(%(keys)s::text[]))
