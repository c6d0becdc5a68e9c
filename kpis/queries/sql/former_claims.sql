-- What these messages claimed when they were last read.
SELECT identity, address, side, item, event_id, told_at FROM inbound_claim
WHERE workspace_id = %(workspace)s AND event_id = ANY(%(events)s::uuid[]) AND endpoint_id = %(endpoint)s
ORDER BY id
