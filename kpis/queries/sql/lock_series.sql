-- Who holds these rows is alone in writing their readings and rollups; the order keeps writers from deadlock.
SELECT id FROM series
WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::bigint[])
ORDER BY id FOR NO KEY UPDATE
