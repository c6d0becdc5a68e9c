"""Vocabularies of a workspace; and a map knows its parent, both as published.

Publishing asks for the publish rules where the workspace has words of its own: a version keeps those that
it uses. It writes, too, at which touchpoint of which map the published document hangs.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import service.ids
from service.rowlevel import TenantReference, TenantTable

_FORMER = import_module("journeys.migrations.0002_publish_draft").PUBLISH_DRAFT


def _changed(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"publish_draft has {text.count(old)} times {old!r}")
    return text.replace(old, new)


PUBLISH_DRAFT = _changed(_FORMER, "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
PUBLISH_DRAFT = _changed(
    PUBLISH_DRAFT,
    """(drafted.links OR cardinality(drafted."references") > 0) THEN""",
    """(drafted.links OR cardinality(drafted."references") > 0 OR EXISTS (
    SELECT FROM vocabulary WHERE workspace_id = given_workspace AND archived_at IS NULL
  )) THEN""",
)
PUBLISH_DRAFT = _changed(
    PUBLISH_DRAFT,
    "  numbers bigint[];\nBEGIN",
    """  numbers bigint[];
  -- the touchpoint of another map at which this one hangs, and that map
  upper_touchpoint uuid;
  upper_map uuid;
BEGIN""",
)
PUBLISH_DRAFT = _changed(
    PUBLISH_DRAFT,
    "  UPDATE journey_map SET last_version = last_version + 1, live_revision = live_revision + 1,\n",
    """  IF drafted.links THEN
    SELECT (convert_from(content, 'UTF8')::jsonb ->> 'parent_touchpoint')::uuid INTO upper_touchpoint
    FROM draft_body WHERE workspace_id = given_workspace AND journey_map_id = given_map AND part = 'root';
    SELECT journey_map_id INTO upper_map FROM element
    WHERE workspace_id = given_workspace AND id = upper_touchpoint;
  END IF;
  UPDATE journey_map SET last_version = last_version + 1, live_revision = live_revision + 1,
         parent_touchpoint = upper_touchpoint, parent_map_id = upper_map,
""",
)


class Migration(migrations.Migration):
    dependencies = [("journeys", "0002_publish_draft")]

    operations = [
        migrations.CreateModel(
            name="Vocabulary",
            fields=[
                ("id", models.UUIDField(default=service.ids.new_id, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64, null=True)),
                ("attributes", models.JSONField(default=dict)),
                ("row_version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(null=True)),
                ("kind", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                (
                    "workspace",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="service.workspace",
                    ),
                ),
            ],
            options={
                "db_table": "vocabulary",
                "indexes": [
                    models.Index(
                        models.F("workspace"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("archived_at", None)),
                        name="vocabulary_listing",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "id"), name="vocabulary_in_workspace"),
                    models.UniqueConstraint(
                        condition=models.Q(("archived_at", None)),
                        fields=("workspace", "key"),
                        name="vocabulary_key",
                    ),
                ],
            },
        ),
        TenantTable("vocabulary"),
        migrations.AddField("journeymap", "parent_touchpoint", models.UUIDField(null=True)),
        migrations.AddField(
            "journeymap",
            "parent_map",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tactical",
                to="journeys.journeymap",
            ),
        ),
        migrations.AddIndex(
            "journeymap",
            models.Index(
                fields=["workspace", "parent_map"],
                condition=models.Q(parent_map__isnull=False),
                name="journey_map_tactical",
            ),
        ),
        TenantReference("journey_map", "parent_map_id", "journey_map"),
        migrations.RunSQL(PUBLISH_DRAFT, _changed(_FORMER, "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
