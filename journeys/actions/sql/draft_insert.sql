-- A draft with its bodies.
WITH drafted AS (
  INSERT INTO draft (workspace_id, journey_map_id, revision, digest, personas, elements, "references",
                     based_on, updated_at)
  VALUES (%(workspace)s, %(map)s, %(revision)s, %(digest)s, %(personas)s::uuid[], %(elements)s::uuid[],
          %(references)s::uuid[], %(based_on)s, %(at)s)
)
INSERT INTO draft_body (workspace_id, journey_map_id, id, part, digest, content)
SELECT %(workspace)s, %(map)s, given.*
FROM unnest(%(ids)s::uuid[], %(parts)s::text[], %(digests)s::bytea[], %(contents)s::bytea[]) AS given
