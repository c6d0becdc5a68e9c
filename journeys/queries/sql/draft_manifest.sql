-- A draft as its bodies in the order drawn, with the revision that this statement saw.
SELECT draft.revision, draft.digest, body.part, body.id, body.content, body.digest
FROM draft
CROSS JOIN unnest(draft.journey_map_id || draft.personas || draft.elements) WITH ORDINALITY AS placed (id, place)
JOIN draft_body AS body ON body.workspace_id = draft.workspace_id
  AND body.journey_map_id = draft.journey_map_id AND body.id = placed.id
WHERE draft.workspace_id = %(workspace)s AND draft.journey_map_id = %(map)s
ORDER BY placed.place
