-- What publishing must know of a draft: digests in the order drawn, the numbers of elements, and of the
-- bodies that the workspace has already. Contents only where they name something else.
SELECT part.part, part.id, part.digest, element.number, body.id,
       CASE WHEN part.part IN ('root', 'persona') OR position('"continues":'::bytea IN part.content) > 0
            THEN part.content END
FROM draft
CROSS JOIN unnest(draft.journey_map_id || draft.personas || draft.elements) WITH ORDINALITY AS placed (id, place)
JOIN draft_body AS part ON part.workspace_id = draft.workspace_id
  AND part.journey_map_id = draft.journey_map_id AND part.id = placed.id
LEFT JOIN element ON element.workspace_id = draft.workspace_id AND element.id = part.id
  AND element.journey_map_id = draft.journey_map_id
LEFT JOIN body ON body.workspace_id = draft.workspace_id AND body.digest = part.digest
WHERE draft.workspace_id = %(workspace)s AND draft.journey_map_id = %(map)s
ORDER BY placed.place
