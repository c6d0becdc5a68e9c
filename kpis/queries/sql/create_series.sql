-- New series, in the order of their key; what another transaction made meanwhile stays.
INSERT INTO series (workspace_id, kpi_id, revision, labels, labels_key, part, feed_id, created_at)
SELECT %(workspace)s, kpi_id, revision, labels_key::jsonb, labels_key, part, feed_id, %(at)s
FROM unnest(%(kpis)s::uuid[], %(revisions)s::int[], %(labels)s::text[], %(parts)s::uuid[],
            %(feeds)s::uuid[])
  AS made (kpi_id, revision, labels_key, part, feed_id)
ORDER BY kpi_id, revision, labels_key COLLATE "C"
ON CONFLICT (workspace_id, kpi_id, revision, labels_key, part) DO NOTHING
