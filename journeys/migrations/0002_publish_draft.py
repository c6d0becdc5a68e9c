"""Publishing, inside the database: what a version lists is copied there from the rows of the draft.

A function, because its plans are kept: with a policy on every table, planning cost more than doing.
"""

from django.db import migrations

PUBLISH_DRAFT = """
CREATE FUNCTION publish_draft(
  given_workspace uuid, given_map uuid, given_version uuid,
  given_revisions int[],  -- of the draft that the author saw; null: any
  -- of a draft that refers to something, once the publish rules hold; else null. With bodies that replace
  -- the draft's, where personas of the library are filled in
  given_digest bytea, given_format int, given_root bigint, given_personas bigint[],
  given_message text, given_author uuid, given_author_name text, given_on_behalf_of jsonb,
  given_restored_from int, given_at timestamptz,
  OUT state text,  -- published, stale, rules (they must be applied first), same (as the latest), archived
  OUT revision int,  -- of the draft, which is locked now
  -- the new version and the number of the one before
  OUT new_number int, OUT new_digest bytea, OUT new_format int, OUT new_published_at timestamptz,
  OUT old_number int,
  -- elements: all in the order drawn, new ones among them, numbers of those gone
  OUT now_elements uuid[], OUT added_elements uuid[], OUT gone_elements bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
  drafted draft;
  previous version;
  numbers bigint[];
BEGIN
  SELECT draft.* INTO drafted FROM draft
  WHERE workspace_id = given_workspace AND journey_map_id = given_map FOR UPDATE;
  revision := drafted.revision;
  IF NOT drafted.revision = ANY(given_revisions) THEN
    state := 'stale';
    RETURN;
  END IF;
  IF given_digest IS NULL AND (drafted.links OR cardinality(drafted."references") > 0) THEN
    state := 'rules';
    RETURN;
  END IF;

  SELECT version.* INTO previous FROM version
  WHERE workspace_id = given_workspace AND journey_map_id = given_map
  ORDER BY number DESC LIMIT 1;
  old_number := previous.number;
  new_digest := COALESCE(given_digest, drafted.digest);
  new_format := COALESCE(given_format, drafted.format);
  IF previous.digest = new_digest THEN
    state := 'same';
    RETURN;
  END IF;

  -- In the order of digests: two publishes that share new bodies wait for each other, not in a circle.
  INSERT INTO body (workspace_id, digest, content)
  SELECT DISTINCT ON (digest) workspace_id, digest, content FROM draft_body
  WHERE workspace_id = given_workspace AND journey_map_id = given_map AND body IS NULL
  ORDER BY digest
  ON CONFLICT DO NOTHING;
  UPDATE draft_body SET body = (
    SELECT id FROM body WHERE body.workspace_id = given_workspace AND body.digest = draft_body.digest
  )
  WHERE workspace_id = given_workspace AND journey_map_id = given_map AND body IS NULL;

  UPDATE journey_map SET last_version = last_version + 1, live_revision = live_revision + 1,
         row_version = row_version + 1, updated_at = given_at
  WHERE workspace_id = given_workspace AND id = given_map AND archived_at IS NULL
    AND last_version = COALESCE(previous.number, 0)
  RETURNING last_version INTO new_number;
  IF new_number IS NULL THEN
    state := 'archived';
    RETURN;
  END IF;

  -- Instants of versions ascend with their numbers, whatever the clocks of two processes say.
  new_published_at := GREATEST(given_at, previous.published_at + interval '1 microsecond');
  INSERT INTO version (id, workspace_id, journey_map_id, number, digest, format, root_body, persona_ids,
                       personas, elements, bodies, message, author_id, author_name, on_behalf_of,
                       restored_from, published_at)
  SELECT given_version, given_workspace, given_map, new_number, new_digest, new_format,
         COALESCE(given_root, min(body) FILTER (WHERE part = 'root')), drafted.personas,
         COALESCE(given_personas, array_agg(body) FILTER (WHERE part = 'persona'), '{}'),
         COALESCE(array_agg(number) FILTER (WHERE number IS NOT NULL), '{}'),
         COALESCE(array_agg(body) FILTER (WHERE number IS NOT NULL), '{}'),
         given_message, given_author, given_author_name, given_on_behalf_of, given_restored_from,
         new_published_at
  FROM (
    SELECT part, number, body FROM draft_body
    WHERE workspace_id = given_workspace AND journey_map_id = given_map
    ORDER BY array_position(CASE part WHEN 'persona' THEN drafted.personas ELSE drafted.elements END, id)
  ) AS placed
  RETURNING elements INTO numbers;

  state := 'published';
  now_elements := drafted.elements;
  added_elements := '{}';
  gone_elements := '{}';
  IF numbers IS DISTINCT FROM previous.elements THEN
    added_elements := ARRAY(
      SELECT id FROM draft_body WHERE workspace_id = given_workspace AND journey_map_id = given_map
        AND number <> ALL(COALESCE(previous.elements, '{}')));
    gone_elements := ARRAY(SELECT unnest(previous.elements) EXCEPT SELECT unnest(numbers));
  END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("journeys", "0001_ground")]

    operations = [migrations.RunSQL(PUBLISH_DRAFT, "DROP FUNCTION publish_draft")]
