"""Holding a map's bindings while it is published, inside the database.

A function, because each of its statements sees what was committed while the one before waited, and its plans
are kept. Most publishes move no binding: only those whose element the draft lacks are locked, so that an
edit of a text writes no row of theirs.
"""

from typing import ClassVar

from django.db import migrations

HOLD_BINDINGS = """
CREATE FUNCTION hold_bindings(
  given_workspace uuid, given_map uuid,
  given_redrawn boolean  -- the draft is drawn anew before it is published: its elements tell nothing yet
) RETURNS TABLE (binding uuid, element uuid) LANGUAGE plpgsql AS $$
DECLARE
  drawn uuid[] := '{}';
BEGIN
  -- Nobody erases meanwhile, and who binds or publishes takes turns: lock_bindings_of_map.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('erasure:' || given_workspace, 0));
  PERFORM pg_advisory_xact_lock(hashtextextended('bindings:' || given_workspace || ':' || given_map, 0));
  IF NOT given_redrawn THEN
    SELECT elements INTO drawn FROM draft
    WHERE workspace_id = given_workspace AND journey_map_id = given_map FOR UPDATE;
  END IF;
  -- In the order of their ids, as everybody who works out states does.
  PERFORM FROM binding b
  WHERE b.workspace_id = given_workspace AND b.journey_map_id = given_map AND b.archived_at IS NULL
    AND b.element_id <> ALL(drawn)
  ORDER BY b.id FOR NO KEY UPDATE;
  RETURN QUERY SELECT b.id, b.element_id FROM binding b
  WHERE b.workspace_id = given_workspace AND b.journey_map_id = given_map AND b.archived_at IS NULL
  ORDER BY b.place, b.id;
END $$
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0022_retention"), ("journeys", "0010_erasure")]

    operations: ClassVar = [migrations.RunSQL(HOLD_BINDINGS, "DROP FUNCTION hold_bindings")]
