"""Readings end where the workspace's retention says; partitions of coming years are made by themselves.

Both are done by functions of the owner, as the app role neither deletes readings nor makes tables. What it
may ask of them is bounded: nothing from the workspace's horizon on goes, and no year but this and the next
two is made.
"""

from typing import ClassVar

from django.db import migrations

from service.rowlevel import OwnersFunction

# One series at a time, the oldest first, about `most` rows: those of one instant go together.
EXPIRE = """
DECLARE
  given_workspace uuid := NULLIF(current_setting('app.workspace', true), '')::uuid;
  horizon timestamptz := (SELECT readings_from FROM workspace WHERE id = given_workspace);
  cut timestamptz;
  gone bigint;
BEGIN
  IF horizon IS NULL THEN
    RETURN 0;
  END IF;
  SELECT end_at INTO cut FROM reading
  WHERE workspace_id = given_workspace AND series_id = given_series AND end_at < horizon
  ORDER BY end_at OFFSET most - 1 LIMIT 1;
  PERFORM set_config('app.erasing', 'yes', true);
  DELETE FROM reading
  WHERE workspace_id = given_workspace AND series_id = given_series AND end_at < horizon
    AND (cut IS NULL OR end_at <= cut);
  GET DIAGNOSTICS gone = ROW_COUNT;
  PERFORM set_config('app.erasing', '', true);
  RETURN gone;
END
"""

COMING = """
BEGIN
  PERFORM make_reading_partitions(EXTRACT(year FROM now() AT TIME ZONE 'UTC')::int + 2);
END
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("kpis", "0021_series_by_feed"), ("service", "0003_readings_horizon")]
    operations: ClassVar = [
        OwnersFunction(
            "expire_readings(bigint, int)",
            "expire_readings(given_series bigint, most int) RETURNS bigint",
            EXPIRE,
        ),
        OwnersFunction(
            "make_coming_partitions()",
            "make_coming_partitions() RETURNS void",
            COMING,
        ),
    ]
