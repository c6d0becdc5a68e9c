-- An element as it goes in its own map and in all copies, and copies of copies.
WITH RECURSIVE kin AS (
  SELECT id, origin_id FROM element WHERE workspace_id = %(workspace)s AND id = %(item)s
  UNION
  SELECT element.id, element.origin_id FROM kin
  JOIN element ON element.workspace_id = %(workspace)s
    AND (element.origin_id = kin.id OR element.id = kin.origin_id)
)
SELECT id FROM kin
