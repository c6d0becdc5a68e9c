-- The draft under its row lock, without the order of its parts. Before that the lock that erasing takes alone:
-- what is read from here on is not erased until the transaction ends.
WITH held AS MATERIALIZED (
  SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure:' || %(workspace)s::text, 0))
)
SELECT revision, digest, format, "references", links, updated_at FROM held, draft
WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
FOR UPDATE OF draft
