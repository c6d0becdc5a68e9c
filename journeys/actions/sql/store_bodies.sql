-- Bodies that are no part of a draft: the library's personas as they are now. Returns {digest, number}.
WITH given AS (
  SELECT DISTINCT ON (digest) * FROM unnest(%(digests)s::bytea[], %(contents)s::bytea[]) AS given (digest, content)
  ORDER BY digest
), added AS (
  INSERT INTO body (workspace_id, digest, content) SELECT %(workspace)s, digest, content FROM given
  ON CONFLICT DO NOTHING RETURNING digest, id
)
SELECT digest, id FROM added
UNION ALL
SELECT given.digest, stored.id FROM given CROSS JOIN LATERAL (
  SELECT id FROM body WHERE body.workspace_id = %(workspace)s AND body.digest = given.digest LIMIT 1
) AS stored
