"""Redaction and purge: what takes content out of versions and bodies, as functions of the owner.

Both take a lock of the workspace alone, which publishing and all other writers of drafts share. What belongs
to a map is found by foreign keys, so that a table of tomorrow goes with it, too: a key with ON DELETE SET
NULL lets go, any other goes along.
"""

from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import OwnersFunction, OwnersTable, TenantTable

# Callable by nobody but the owner, and so by the two functions below alone.
HELPERS = """
CREATE FUNCTION erase_alone() RETURNS uuid LANGUAGE plpgsql AS $$
-- From here to the end of the calling function the triggers of append-only tables let pass.
DECLARE
  workspace uuid := NULLIF(current_setting('app.workspace', true), '')::uuid;
BEGIN
  IF workspace IS NULL THEN
    RAISE EXCEPTION 'the transaction has no workspace';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('erasure:' || workspace, 0));
  PERFORM set_config('app.erasing', 'yes', true);
  RETURN workspace;
END $$;
CREATE FUNCTION sweep_bodies(given_workspace uuid, candidates bigint[]) RETURNS void LANGUAGE sql AS $$
  -- Of the bodies given those that no version and no draft lists any more.
  DELETE FROM body WHERE workspace_id = given_workspace AND id = ANY(candidates) AND id NOT IN (
    SELECT unnest(root_body || personas || bodies) FROM version WHERE workspace_id = given_workspace
    UNION ALL
    SELECT body FROM draft_body WHERE workspace_id = given_workspace AND body IS NOT NULL
  )
$$;
REVOKE ALL ON FUNCTION erase_alone() FROM PUBLIC;
REVOKE ALL ON FUNCTION sweep_bodies(uuid, bigint[]) FROM PUBLIC;
"""

REDACT_HEAD = """
redact_versions(
  given_id uuid, given_item uuid, given_kind text, given_drafts uuid[],
  given_reason text, given_author uuid, given_author_name text, given_at timestamptz,
  digests bytea[], contents bytea[],  -- bodies that take the place of others
  versions uuid[], version_digests bytea[], version_formats int[],
  -- where: part is root, persona or element, place counts from 1 in the version's list (root: 0)
  swap_versions uuid[], swap_parts text[], swap_places int[], swap_digests bytea[]
) RETURNS void"""
REDACT_SIGNATURE = (
    "redact_versions(uuid, uuid, text, uuid[], text, uuid, text, timestamptz, bytea[], bytea[], uuid[], "
    "bytea[], int[], uuid[], text[], int[], bytea[])"
)
REDACT = """
DECLARE
  given_workspace uuid := erase_alone();
  candidates bigint[];
BEGIN
  IF EXISTS (SELECT FROM unnest(digests, contents) AS given (digest, content) WHERE sha256(content) <> digest)
  THEN
    RAISE EXCEPTION 'a digest is not that of its body';
  END IF;
  INSERT INTO redaction (id, workspace_id, item, kind, drafts, reason, author_id, author_name, created_at,
                         changes)
  SELECT given_id, given_workspace, given_item, given_kind, given_drafts, given_reason, given_author,
         given_author_name, given_at, COALESCE(jsonb_agg(jsonb_build_object(
           'journey_map', version.journey_map_id, 'version', version.number,
           'old_digest', encode(version.digest, 'hex'), 'new_digest', encode(given.digest, 'hex')
         ) ORDER BY version.journey_map_id, version.number), '[]')
  FROM unnest(versions, version_digests) AS given (id, digest)
  JOIN version ON version.workspace_id = given_workspace AND version.id = given.id;

  candidates := ARRAY(
    SELECT CASE part WHEN 'root' THEN root_body WHEN 'persona' THEN personas[place] ELSE bodies[place] END
    FROM unnest(swap_versions, swap_parts, swap_places) AS swap (version, part, place)
    JOIN version ON version.workspace_id = given_workspace AND version.id = swap.version
  );
  INSERT INTO body (workspace_id, digest, content)
  SELECT DISTINCT ON (digest) given_workspace, digest, content
  FROM unnest(digests, contents) AS given (digest, content) ORDER BY digest
  ON CONFLICT DO NOTHING;
  WITH swap AS MATERIALIZED (
    SELECT given.version, given.part, given.place, body.id AS body
    FROM unnest(swap_versions, swap_parts, swap_places, swap_digests) AS given (version, part, place, digest)
    JOIN body ON body.workspace_id = given_workspace AND body.digest = given.digest
  )
  UPDATE version SET digest = given.digest, format = given.format,
    root_body = COALESCE(
      (SELECT body FROM swap WHERE swap.version = version.id AND swap.part = 'root'), root_body),
    personas = ARRAY(
      SELECT COALESCE(swap.body, was.body) FROM unnest(version.personas) WITH ORDINALITY AS was (body, place)
      LEFT JOIN swap ON swap.version = version.id AND swap.part = 'persona' AND swap.place = was.place
      ORDER BY was.place),
    bodies = ARRAY(
      SELECT COALESCE(swap.body, was.body) FROM unnest(version.bodies) WITH ORDINALITY AS was (body, place)
      LEFT JOIN swap ON swap.version = version.id AND swap.part = 'element' AND swap.place = was.place
      ORDER BY was.place)
  FROM unnest(versions, version_digests, version_formats) AS given (id, digest, format)
  WHERE version.workspace_id = given_workspace AND version.id = given.id;
  PERFORM sweep_bodies(given_workspace, candidates);
  PERFORM set_config('app.erasing', '', true);
END
"""

# Deletes what refers to the rows of `target` that `which` (SQL) chooses, what refers to that first, and
# returns the ids of all of it.
PURGE_REFERRING = """
CREATE FUNCTION purge_referring(target regclass, which text) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
  referring record;
  chosen text;
  found uuid[];
  gone uuid[] := '{}';
BEGIN
  FOR referring IN
    SELECT conrelid::regclass AS name,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
            FROM unnest(conkey) WITH ORDINALITY AS own (number, place)
            JOIN pg_attribute ON attrelid = conrelid AND attnum = own.number) AS own_columns,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY place)
            FROM unnest(confkey) WITH ORDINALITY AS own (number, place)
            JOIN pg_attribute ON attrelid = confrelid AND attnum = own.number) AS columns,
           EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = conrelid AND attname = 'id' AND atttypid = 'uuid'::regtype) AS has_id
    FROM pg_constraint
    WHERE contype = 'f' AND confrelid = target AND conrelid <> target AND confdeltype NOT IN ('n', 'd')
    ORDER BY conrelid, conname
  LOOP
    chosen := format('(%s) IN (SELECT %s FROM %s WHERE %s)',
                     referring.own_columns, referring.columns, target, which);
    IF referring.has_id THEN
      EXECUTE format('SELECT ARRAY(SELECT id FROM %s WHERE %s)', referring.name, chosen) INTO found;
      gone := gone || found;
    END IF;
    gone := gone || purge_referring(referring.name, chosen);
    EXECUTE format('DELETE FROM %s WHERE %s', referring.name, chosen);
  END LOOP;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION purge_referring(regclass, text) FROM PUBLIC;
"""

PURGE_HEAD = """
purge_map(
  given_id uuid, given_map uuid, given_reason text, given_author uuid, given_author_name text,
  given_at timestamptz
) RETURNS void"""
PURGE_SIGNATURE = "purge_map(uuid, uuid, text, uuid, text, timestamptz)"
PURGE = """
DECLARE
  given_workspace uuid := erase_alone();
  candidates bigint[];
  gone uuid[] := ARRAY[given_map];
  which text := format('workspace_id = %L AND id = %L', given_workspace, given_map);
BEGIN
  -- The audit row first: it tells the versions while they are there.
  INSERT INTO purge (id, workspace_id, journey_map, reason, author_id, author_name, created_at, versions)
  SELECT given_id, given_workspace, given_map, given_reason, given_author, given_author_name, given_at,
         COALESCE(jsonb_agg(jsonb_build_object('version', number, 'digest', encode(digest, 'hex'))
                            ORDER BY number), '[]')
  FROM version WHERE workspace_id = given_workspace AND journey_map_id = given_map;
  candidates := ARRAY(
    SELECT unnest(root_body || personas || bodies) FROM version
    WHERE workspace_id = given_workspace AND journey_map_id = given_map
    UNION
    SELECT body FROM draft_body
    WHERE workspace_id = given_workspace AND journey_map_id = given_map AND body IS NOT NULL
  );
  gone := gone || purge_referring('journey_map', which);
  -- Only now the map itself: who writes states locks bindings before maps. What came in meanwhile goes, too.
  PERFORM FROM journey_map WHERE workspace_id = given_workspace AND id = given_map FOR UPDATE;
  gone := gone || purge_referring('journey_map', which);
  DELETE FROM journey_map WHERE workspace_id = given_workspace AND id = given_map;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the workspace has no map %', given_map USING ERRCODE = 'no_data_found';
  END IF;
  PERFORM sweep_bodies(given_workspace, candidates);
  -- Neither has row security, nor a key to what its ids name: links to views, work that was due.
  DELETE FROM credential WHERE workspace_id = given_workspace AND target_id = ANY(gone);
  DELETE FROM due WHERE workspace_id = given_workspace AND row_id = ANY(gone);
  PERFORM set_config('app.erasing', '', true);
END
"""

_FORMER = import_module("journeys.migrations.0006_maps_above").PUBLISH_DRAFT
_START = "BEGIN\n  SELECT draft.* INTO drafted"
_LOCKED = "FOR UPDATE;\n  revision := drafted.revision;"
assert _START in _FORMER
assert _LOCKED in _FORMER
PUBLISH_DRAFT = _FORMER.replace(
    _START,
    """BEGIN
  -- Whoever erases waits for those who publish, and they for him.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('erasure:' || given_workspace, 0));
  SELECT draft.* INTO drafted""",
).replace(
    _LOCKED,
    """FOR UPDATE;
  IF NOT FOUND THEN
    state := 'purged';
    RETURN;
  END IF;
  revision := drafted.revision;""",
)


def _erasure(**fields: models.Field) -> list[tuple[str, models.Field]]:
    return [
        ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
        ("reason", models.CharField(max_length=2000)),
        ("author_id", models.UUIDField()),
        ("author_name", models.CharField(max_length=200)),
        ("created_at", models.DateTimeField()),
        *fields.items(),
        (
            "workspace",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="service.workspace",
            ),
        ),
    ]


def _listing(name: str) -> dict[str, object]:
    index = models.Index(fields=["workspace", "created_at", "id"], name=f"{name}_listing")
    return {"db_table": name, "indexes": [index]}


class Migration(migrations.Migration):
    dependencies = [("journeys", "0009_renditions"), ("service", "0002_erasing")]

    operations = [
        migrations.AddField("journeymap", "erasures", models.PositiveIntegerField(default=0)),
        migrations.CreateModel(
            name="Redaction",
            fields=_erasure(
                item=models.UUIDField(),
                kind=models.CharField(max_length=16),
                changes=models.JSONField(),
                drafts=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None),
            ),
            options=_listing("redaction"),
        ),
        migrations.CreateModel(
            name="Purge",
            fields=_erasure(journey_map=models.UUIDField(), versions=models.JSONField()),
            options=_listing("purge"),
        ),
        TenantTable("redaction", append_only=True),
        TenantTable("purge", append_only=True),
        OwnersTable("redaction"),
        OwnersTable("purge"),
        migrations.RunSQL(
            PUBLISH_DRAFT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            _FORMER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        ),
        migrations.RunSQL(HELPERS, "DROP FUNCTION sweep_bodies(uuid, bigint[]); DROP FUNCTION erase_alone()"),
        migrations.RunSQL(PURGE_REFERRING, "DROP FUNCTION purge_referring(regclass, text)"),
        OwnersFunction(REDACT_SIGNATURE, REDACT_HEAD, REDACT),
        OwnersFunction(PURGE_SIGNATURE, PURGE_HEAD, PURGE),
    ]
