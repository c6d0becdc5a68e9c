-- What a workspace's open maps (as drafted) and personas say of some words, best first. Each word may go on.
WITH asked AS MATERIALIZED (
  SELECT regexp_replace(plainto_tsquery('simple', %(words)s)::text, '''(?= &|$)', ''':*', 'g')::tsquery AS words
), found AS (
  SELECT CASE body.part WHEN 'root' THEN 'journey_map' ELSE body.part END AS kind, body.id,
         body.journey_map_id, ts_rank(body.words, asked.words) AS rank
  FROM asked CROSS JOIN draft_body AS body
  WHERE body.workspace_id = %(workspace)s AND body.part <> 'persona' AND body.words @@ asked.words
    AND (%(map)s::uuid IS NULL OR body.journey_map_id = %(map)s::uuid)
  UNION ALL
  SELECT 'persona', persona.id, NULL, ts_rank(persona.words, asked.words)
  FROM asked CROSS JOIN persona
  WHERE persona.workspace_id = %(workspace)s AND persona.archived_at IS NULL AND %(map)s::uuid IS NULL
    AND persona.words @@ asked.words
), best AS MATERIALIZED (
  SELECT found.*, journey_map.name AS map_name, journey_map.key AS map_key, count(*) OVER () AS matches
  FROM found LEFT JOIN journey_map
    ON journey_map.workspace_id = %(workspace)s AND journey_map.id = found.journey_map_id
  WHERE journey_map.archived_at IS NULL AND (%(kinds)s::text[] IS NULL OR found.kind = ANY(%(kinds)s::text[]))
  ORDER BY found.rank DESC, found.id
  LIMIT %(limit)s
)
SELECT best.kind, best.id, best.journey_map_id, best.map_name, best.map_key, best.rank, best.matches,
       said.document ->> 'name', said.document ->> 'key',
       ts_headline('simple', said.text, asked.words, %(marks)s)
FROM best CROSS JOIN asked
CROSS JOIN LATERAL (
  SELECT convert_from(content, 'UTF8')::jsonb AS document FROM draft_body
  WHERE workspace_id = %(workspace)s AND journey_map_id = best.journey_map_id AND best.kind <> 'persona'
    AND part = CASE best.kind WHEN 'journey_map' THEN 'root' ELSE best.kind END AND id = best.id
  UNION ALL
  SELECT content || jsonb_build_object('name', name, 'key', key) FROM persona
  WHERE workspace_id = %(workspace)s AND id = best.id AND best.kind = 'persona'
) held
CROSS JOIN LATERAL (
  SELECT held.document,
         concat_ws(E' \u00b7 ', held.document ->> 'name', nullif(search_text(held.document, 'strict $.**.text'), ''),
                   nullif(search_text(held.document, 'strict $.** ? (@.type() == "array")[*]'), ''), held.document ->> 'customer_goal',
                   held.document ->> 'scenario', held.document ->> 'description') AS text
) said
ORDER BY best.rank DESC, best.id
