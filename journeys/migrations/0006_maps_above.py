"""What is shown live of a map is shown in short at the touchpoint above it, so maps above change with it.

A function, as publishing is one: its plans are kept, and readings come often.
"""

from importlib import import_module

from django.db import migrations

BUMP_MAPS = """
CREATE FUNCTION bump_maps(given_workspace uuid, given_maps uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- In id order, so that two writers that touch the same maps wait instead of deadlocking.
  UPDATE journey_map SET live_revision = live_revision + 1
  WHERE workspace_id = given_workspace AND id IN (
    SELECT id FROM journey_map WHERE workspace_id = given_workspace AND id IN (
      WITH RECURSIVE up AS (
        SELECT id, parent_map_id FROM journey_map
        WHERE workspace_id = given_workspace AND id = ANY(given_maps)
        UNION
        SELECT upper.id, upper.parent_map_id FROM up
        JOIN journey_map AS upper ON upper.workspace_id = given_workspace AND upper.id = up.parent_map_id
      )
      SELECT id FROM up
    )
    ORDER BY id FOR NO KEY UPDATE
  );
END $$
"""

_VOCABULARIES = import_module("journeys.migrations.0003_vocabularies")
_PLACE = "  UPDATE journey_map SET last_version = last_version + 1, live_revision = live_revision + 1,\n"
_BUMPED = """\
  -- Those above learn of it, and those that it leaves; locked in the order of all.
  IF upper_map IS NOT NULL OR EXISTS (
    SELECT FROM journey_map
    WHERE workspace_id = given_workspace AND id = given_map AND parent_map_id IS NOT NULL
  ) THEN
    PERFORM bump_maps(given_workspace, ARRAY[given_map, upper_map]);
  END IF;
"""
PUBLISH_DRAFT = _VOCABULARIES._changed(_VOCABULARIES.PUBLISH_DRAFT, _PLACE, _BUMPED + _PLACE)


class Migration(migrations.Migration):
    dependencies = [("journeys", "0005_templates_and_collections")]

    operations = [
        migrations.RunSQL(BUMP_MAPS, "DROP FUNCTION bump_maps"),
        migrations.RunSQL(PUBLISH_DRAFT, _VOCABULARIES.PUBLISH_DRAFT),
    ]
