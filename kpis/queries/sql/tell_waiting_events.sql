-- Other messages whose numerators waited wait no more, or do again.
UPDATE inbound_event SET state = %(now)s
WHERE workspace_id = %(workspace)s AND state = %(was)s AND id <> ALL(%(events)s::uuid[]) AND id IN (
  SELECT event_id FROM inbound_claim
  WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = ANY(%(identities)s::text[])
    AND side = 'numerator'
)
