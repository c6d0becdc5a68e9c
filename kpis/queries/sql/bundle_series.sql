-- Series in the order made; readings name them by that place, as their ids are the database's own.
SELECT json_build_object(
  'number', row_number() OVER (ORDER BY id), 'kpi_id', kpi_id, 'revision', revision, 'labels', labels,
  'part', part, 'feed_id', feed_id, 'told_at', told_at, 'created_at', created_at)::text
FROM series WHERE workspace_id = %(workspace)s ORDER BY id
