-- Where claimed messages belong, how large they are and how often they were given back, in the order they came.
SELECT id, endpoint_id, request IS NOT NULL, octet_length(body), attempts FROM inbound_event
WHERE workspace_id = %(workspace)s AND id = ANY(%(events)s::uuid[])
ORDER BY created_at, id
