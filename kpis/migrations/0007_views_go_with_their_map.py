"""A map that is purged takes its views with it, and a view its snapshots."""

from django.db import migrations

_KEYS = (("audience_view", "journey_map_id", "journey_map"), ("snapshot", "view_id", "audience_view"))


def _sql(action: str) -> list[str]:
    return [
        statement
        for table, column, target in _KEYS
        for statement in (
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_in_workspace",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_in_workspace "
            f"FOREIGN KEY (workspace_id, {column}) REFERENCES {target} (workspace_id, id){action}",
        )
    ]


class Migration(migrations.Migration):
    dependencies = [("kpis", "0006_inbound_providers")]

    operations = [migrations.RunSQL(_sql(" ON DELETE CASCADE"), _sql(""))]
