"""Stages, touchpoints and clusters are redacted too, and messages lose what they quote of what is redacted.

A purge locks what it is about to delete before it looks for what hangs on it: what others are adding comes in
before and goes along, or finds nothing to hang on.
"""

from importlib import import_module

from django.db import migrations, models

from service.rowlevel import OwnersFunction

_FORMER = import_module("journeys.migrations.0010_erasure")
_OLD, _NEW = "given_item uuid", "given_item text"
assert _OLD in _FORMER.REDACT_HEAD

QUOTES = """
DECLARE
  given_workspace uuid := erase_alone();
BEGIN
  RETURN QUERY
  WITH versions AS (
    UPDATE version SET message = '[redacted]'
    WHERE workspace_id = given_workspace AND quotes(message, texts) RETURNING journey_map_id
  ), reviews AS (
    UPDATE review SET comment = '[redacted]'
    WHERE workspace_id = given_workspace AND quotes(comment, texts) RETURNING journey_map_id
  ), merges AS (
    UPDATE merge SET message = '[redacted]'
    WHERE workspace_id = given_workspace AND quotes(message, texts) RETURNING journey_map_id
  )
  SELECT journey_map_id FROM versions UNION SELECT journey_map_id FROM reviews
  UNION SELECT journey_map_id FROM merges;
  PERFORM set_config('app.erasing', '', true);
END
"""

# A word or two stands in many a sentence that quotes nobody.
QUOTED = """
CREATE FUNCTION quotes(sentence text, texts text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT EXISTS (
    SELECT FROM unnest(texts) AS held (text)
    WHERE CASE WHEN length(text) < 12 THEN sentence = text ELSE position(text IN sentence) > 0 END
  )
$$;
"""

_LOOP = "    IF referring.has_id THEN\n      EXECUTE format('SELECT ARRAY(SELECT id FROM %s WHERE %s)',"
assert _LOOP in _FORMER.PURGE_REFERRING
_LOCK = """    IF EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = referring.name) THEN
      EXECUTE format('SELECT FROM %s WHERE %s%s FOR UPDATE', referring.name, chosen,
                     CASE WHEN referring.has_id THEN ' ORDER BY id' ELSE '' END);
    END IF;
"""
PURGE_REFERRING = _FORMER.PURGE_REFERRING.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    _LOOP, _LOCK + _LOOP
)


class Migration(migrations.Migration):
    dependencies = [("journeys", "0010_erasure")]

    operations = [
        migrations.AlterField("redaction", "item", models.CharField(max_length=64)),
        migrations.RunSQL(f"DROP FUNCTION {_FORMER.REDACT_SIGNATURE}", migrations.RunSQL.noop),
        OwnersFunction(
            _FORMER.REDACT_SIGNATURE.replace("(uuid, uuid,", "(uuid, text,"),
            _FORMER.REDACT_HEAD.replace(_OLD, _NEW),
            _FORMER.REDACT,
        ),
        migrations.RunSQL(QUOTED, "DROP FUNCTION quotes(text, text[])"),
        OwnersFunction("redact_quotes(text[])", "redact_quotes(texts text[]) RETURNS SETOF uuid", QUOTES),
        migrations.RunSQL(PURGE_REFERRING, migrations.RunSQL.noop),
    ]
