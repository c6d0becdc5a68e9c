-- A draft with its bodies.
WITH drafted AS (
  INSERT INTO draft (workspace_id, journey_map_id, revision, digest, format, personas, elements,
                     "references", links, updated_at, hands, hands_since)
  VALUES (%(workspace)s, %(map)s, %(revision)s, %(digest)s, %(format)s, %(personas)s::uuid[],
          %(elements)s::uuid[], %(references)s::uuid[], %(links)s, %(at)s,
          array_remove(ARRAY[NULLIF(current_setting('app.credential', true), '')::uuid], NULL), 0)
)
INSERT INTO draft_body (workspace_id, journey_map_id, part, id, number, digest, content)
SELECT %(workspace)s, %(map)s, given.*
FROM unnest(%(parts)s::text[], %(ids)s::uuid[], %(numbers)s::bigint[], %(digests)s::bytea[],
            %(contents)s::bytea[]) AS given
