-- The broken sources that feed figures of some maps, by themselves or through KPIs made of theirs.
WITH RECURSIVE fed AS (
  SELECT source.id AS source_id, series.kpi_id FROM source
  JOIN series ON series.workspace_id = source.workspace_id AND series.feed_id = source.id
  WHERE source.workspace_id = %(workspace)s AND source.broken AND source.archived_at IS NULL
  UNION
  SELECT fed.source_id, made.kpi_id FROM fed
  JOIN kpi_revision made
    ON made.workspace_id = %(workspace)s AND made.inputs <> '{}' AND fed.kpi_id = ANY(made.inputs)
)
SELECT DISTINCT binding.journey_map_id, source.name, source.id, source.last_success_at
FROM fed
JOIN binding ON binding.workspace_id = %(workspace)s AND binding.kpi_id = fed.kpi_id
  AND binding.archived_at IS NULL AND binding.journey_map_id = ANY(%(maps)s::uuid[])
  AND (%(kpis)s::uuid[] IS NULL OR binding.kpi_id = ANY(%(kpis)s::uuid[]))
  AND (%(elements)s::uuid[] IS NULL OR binding.element_id IS NULL
       OR binding.element_id = ANY(%(elements)s::uuid[]))
JOIN source ON source.workspace_id = %(workspace)s AND source.id = fed.source_id
ORDER BY binding.journey_map_id, source.name, source.id
