"""Words of drafts and personas, kept beside them by the database: what people search for.

A generated column, so that no writer can forget it. No index: a policy of row level security is applied
before `@@`, which is not leakproof, so Postgres would not use one; it reads the workspace's rows instead.
Names weigh most (A), then goals, owners, channels and keys (B), then what stands in lanes (C), then prose
(D). Texts are cut at 100,000 characters, as a tsvector has a limit of its own.
"""

from typing import ClassVar

from django.db import migrations

# Paths are strict and silent: lax ones would yield members of arrays twice.
FUNCTIONS = """
CREATE FUNCTION search_text(document jsonb, path jsonpath) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(left(string_agg(found #>> '{}', ' '), 100000), '')
  FROM jsonb_path_query(document, path, '{}', true) AS found WHERE jsonb_typeof(found) = 'string'
$$;
CREATE FUNCTION search_words(document jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('simple', coalesce(left(document ->> 'name', 1000), '')), 'A')
      || setweight(to_tsvector('simple', concat_ws(' ', document ->> 'key', document ->> 'owner',
           document ->> 'customer_goal', document ->> 'scenario', document ->> 'archetype',
           search_text(document, 'strict $.channels[*]'))), 'B')
      || setweight(to_tsvector('simple', search_text(document, 'strict $.**.text') || ' '
           || search_text(document, 'strict $.** ? (@.type() == "array")[*]')), 'C')
      || setweight(to_tsvector('simple', coalesce(left(document ->> 'description', 10000), '')), 'D')
$$;
-- Immutable as far as the database's encoding is, which is UTF8: the service refuses any other.
CREATE FUNCTION words_of_body(content bytea) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT search_words(convert_from(content, 'UTF8')::jsonb) $$;
CREATE FUNCTION words_of_persona(name text, key text, content jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT search_words(content || jsonb_build_object('name', name, 'key', key))
$$;
ALTER TABLE draft_body ADD COLUMN words tsvector GENERATED ALWAYS AS (words_of_body(content)) STORED;
ALTER TABLE persona ADD COLUMN words tsvector
  GENERATED ALWAYS AS (words_of_persona(name, key, content)) STORED;
"""
BACK = """
ALTER TABLE persona DROP COLUMN words;
ALTER TABLE draft_body DROP COLUMN words;
DROP FUNCTION words_of_persona(text, text, jsonb);
DROP FUNCTION words_of_body(bytea);
DROP FUNCTION search_words(jsonb);
DROP FUNCTION search_text(jsonb, jsonpath);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("journeys", "0006_maps_above")]
    operations: ClassVar = [migrations.RunSQL(FUNCTIONS, BACK)]
