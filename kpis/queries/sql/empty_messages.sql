-- The bytes of messages and of what they led to that came before an instant go, save for those that are yet to be read.
UPDATE inbound_event SET body = '', followed = NULL, body_gone_at = %(at)s
WHERE workspace_id = %(workspace)s AND id IN (
  SELECT id FROM inbound_event event
  WHERE workspace_id = %(workspace)s AND created_at < %(before)s AND body_gone_at IS NULL
    AND state NOT IN ('received', 'held')
    AND NOT EXISTS (
      SELECT FROM due WHERE due.workspace_id = event.workspace_id AND kind = %(due)s AND row_id = event.id)
  ORDER BY created_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING id
