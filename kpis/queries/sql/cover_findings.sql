-- Put what stands of the KPIs that a source feeds and is stale under the finding that the source is broken.
UPDATE finding f SET parent_id = broken.id, row_version = f.row_version + 1, updated_at = %(at)s
FROM finding broken
WHERE broken.workspace_id = %(workspace)s AND broken.kind = 'source_broken' AND broken.standing
  AND broken.source_id = %(source)s
  AND f.workspace_id = %(workspace)s AND f.kind = 'freshness' AND f.standing
  AND f.parent_id IS DISTINCT FROM broken.id
  AND f.kpi_id IN (SELECT kpi_id FROM series WHERE workspace_id = %(workspace)s AND feed_id = %(source)s)
RETURNING f.id, f.kind, f.kpi_id, f.labels::text, f.about, f.level, f.severity, f.state, broken.id
