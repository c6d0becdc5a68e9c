-- Who else, by other labels, speaks of the places where something goes.
SELECT DISTINCT identity FROM inbound_claim
WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND address = ANY(%(addresses)s::text[])
  AND event_id <> ALL(%(events)s::uuid[])
