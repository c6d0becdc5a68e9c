-- Drafts of a workspace with all that is in them, in the order drawn.
SELECT json_build_object(
  'journey_map_id', d.journey_map_id, 'revision', d.revision, 'digest', encode(d.digest, 'hex'),
  'updated_at', d.updated_at,
  'root', (
    SELECT convert_from(content, 'UTF8')::json FROM draft_body b
    WHERE b.workspace_id = %(workspace)s AND b.journey_map_id = d.journey_map_id AND b.part = 'root'),
  'personas', (
    SELECT coalesce(json_agg(json_build_array(b.id, convert_from(b.content, 'UTF8')::json) ORDER BY p.place), '[]')
    FROM unnest(d.personas) WITH ORDINALITY AS p (id, place)
    JOIN draft_body b ON b.workspace_id = %(workspace)s AND b.journey_map_id = d.journey_map_id
      AND b.part = 'persona' AND b.id = p.id),
  'elements', (
    SELECT coalesce(json_agg(json_build_array(b.id, convert_from(b.content, 'UTF8')::json) ORDER BY e.place), '[]')
    FROM unnest(d.elements) WITH ORDINALITY AS e (id, place)
    JOIN draft_body b ON b.workspace_id = %(workspace)s AND b.journey_map_id = d.journey_map_id
      AND b.part IN ('stage', 'touchpoint') AND b.id = e.id))::text
FROM draft d WHERE d.workspace_id = %(workspace)s ORDER BY d.journey_map_id
