-- Messages of an endpoint that came before an instant go with their claims; not those that are yet to be read, nor
-- those of whose things a younger message speaks. Under the lock of the endpoint's claims.
WITH old AS MATERIALIZED (
  SELECT id FROM inbound_event event
  WHERE workspace_id = %(workspace)s AND endpoint_id = %(endpoint)s AND created_at < %(before)s
    AND state <> 'received'
    AND NOT EXISTS (
      SELECT FROM due WHERE due.workspace_id = event.workspace_id AND kind = %(due)s AND row_id = event.id)
    AND NOT EXISTS (
      SELECT FROM inbound_claim mine
      JOIN inbound_claim other
        ON other.workspace_id = mine.workspace_id AND other.endpoint_id = mine.endpoint_id
       AND other.identity = mine.identity
      JOIN inbound_event younger
        ON younger.workspace_id = other.workspace_id AND younger.id = other.event_id
      WHERE mine.workspace_id = event.workspace_id AND mine.event_id = event.id
        AND younger.created_at >= %(before)s)
  ORDER BY created_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), claims AS (
  DELETE FROM inbound_claim USING old
  WHERE inbound_claim.workspace_id = %(workspace)s AND inbound_claim.event_id = old.id
)
DELETE FROM inbound_event USING old
WHERE inbound_event.workspace_id = %(workspace)s AND inbound_event.id = old.id
RETURNING inbound_event.id
