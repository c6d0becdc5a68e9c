-- What decides of each identity, of the claims of other messages: the latest value, the first denominator, any
-- numerator, and whether either was deleted, each by one look into the index, however many messages claim the same.
SELECT c.identity, c.address, c.side, c.item, c.event_id, c.told_at
FROM unnest(%(identities)s::text[]) AS wanted (identity)
CROSS JOIN LATERAL (
  (SELECT * FROM inbound_claim
   WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = wanted.identity
     AND side = 'value' AND event_id <> ALL(%(events)s::uuid[])
   ORDER BY told_at DESC, event_id DESC LIMIT 1)
  UNION ALL
  (SELECT * FROM inbound_claim
   WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = wanted.identity
     AND side = 'denominator' AND event_id <> ALL(%(events)s::uuid[])
   ORDER BY told_at, event_id LIMIT 1)
  UNION ALL
  (SELECT * FROM inbound_claim
   WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = wanted.identity
     AND side = 'numerator' AND event_id <> ALL(%(events)s::uuid[])
   ORDER BY told_at, event_id LIMIT 1)
  UNION ALL
  (SELECT * FROM inbound_claim
   WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = wanted.identity
     AND side = 'no_denominator' AND event_id <> ALL(%(events)s::uuid[])
   LIMIT 1)
  UNION ALL
  (SELECT * FROM inbound_claim
   WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND identity = wanted.identity
     AND side = 'no_numerator' AND event_id <> ALL(%(events)s::uuid[])
   LIMIT 1)
) c
