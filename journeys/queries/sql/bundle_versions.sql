-- Versions of a workspace, map by map: what is in them by id and digest, in the order drawn.
SELECT json_build_object(
  'id', v.id, 'journey_map_id', v.journey_map_id, 'number', v.number, 'digest', encode(v.digest, 'hex'),
  'format', v.format,
  'root', (SELECT encode(digest, 'hex') FROM body WHERE workspace_id = %(workspace)s AND body.id = v.root_body),
  'personas', (
    SELECT coalesce(json_agg(json_build_array(p.id, encode(body.digest, 'hex')) ORDER BY p.place), '[]')
    FROM unnest(v.persona_ids, v.personas) WITH ORDINALITY AS p (id, body, place)
    JOIN body ON body.workspace_id = %(workspace)s AND body.id = p.body),
  'elements', (
    SELECT coalesce(json_agg(json_build_array(element.id, encode(body.digest, 'hex')) ORDER BY e.place), '[]')
    FROM unnest(v.elements, v.bodies) WITH ORDINALITY AS e (number, body, place)
    JOIN body ON body.workspace_id = %(workspace)s AND body.id = e.body
    JOIN element ON element.workspace_id = %(workspace)s AND element.journey_map_id = v.journey_map_id
      AND element.number = e.number),
  'message', v.message, 'author_id', v.author_id, 'author_name', v.author_name,
  'on_behalf_of', v.on_behalf_of, 'restored_from', v.restored_from, 'published_at', v.published_at)::text
FROM version v WHERE v.workspace_id = %(workspace)s ORDER BY v.journey_map_id, v.number
