-- A draft as its bodies in the order drawn, with the revision that this statement saw.
SELECT draft.revision, draft.digest, body.part, body.id, body.content, body.digest
FROM draft JOIN draft_body AS body USING (workspace_id, journey_map_id)
WHERE draft.workspace_id = %(workspace)s AND draft.journey_map_id = %(map)s
ORDER BY body.part <> 'root', body.part <> 'persona',
         array_position(CASE body.part WHEN 'persona' THEN draft.personas ELSE draft.elements END, body.id)
