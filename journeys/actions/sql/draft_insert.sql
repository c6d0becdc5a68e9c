-- A draft with its bodies.
WITH drafted AS (
  INSERT INTO draft (workspace_id, journey_map_id, revision, digest, format, personas, elements,
                     "references", links, updated_at)
  VALUES (%(workspace)s, %(map)s, %(revision)s, %(digest)s, %(format)s, %(personas)s::uuid[],
          %(elements)s::uuid[], %(references)s::uuid[], %(links)s, %(at)s)
)
INSERT INTO draft_body (workspace_id, journey_map_id, part, id, number, digest, content)
SELECT %(workspace)s, %(map)s, given.*
FROM unnest(%(parts)s::text[], %(ids)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[],
            %(contents)s::bytea[]) AS given
