-- The draft under its row lock, without the order of its parts.
SELECT revision, digest, format, "references", links, updated_at FROM draft
WHERE workspace_id = %(workspace)s AND journey_map_id = %(map)s
FOR UPDATE
