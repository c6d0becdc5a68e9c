-- Messages that are read again replace what they claimed.
DELETE FROM inbound_claim
WHERE workspace_id = %(workspace)s AND event_id = ANY(%(events)s::uuid[]) AND endpoint_id = %(endpoint)s
