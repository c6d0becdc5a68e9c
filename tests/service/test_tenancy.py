"""Tenancy, asked of the catalogue: a table that nobody thought of fails here."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from service.checks import OPEN_TABLES
from service.tenancy import enter_workspace
from tests.conftest import Tenant

# Django's own bookkeeping: no workspace, nothing of a tenant.
FRAMEWORK = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "auth_user",
    "auth_user_groups",
    "auth_user_user_permissions",
}
TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid),
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
"""


def rows(sql: str, params: list[object] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def tenant_tables() -> list[str]:
    return [name for name, *_ in rows(TABLES) if name not in OPEN_TABLES | FRAMEWORK]


def test_every_table_is_forced_but_the_three_that_are_named(tenant: Tenant) -> None:
    catalogue = {name: (forced, policy, tenanted) for name, forced, policy, tenanted in rows(TABLES)}
    bare = {name for name, (forced, policy, _) in catalogue.items() if not (forced and policy)}
    assert bare == OPEN_TABLES | FRAMEWORK
    untenanted = {name for name, (*_, tenanted) in catalogue.items() if not tenanted}
    assert untenanted == FRAMEWORK | {"workspace"}


def test_partitions_are_forced_themselves(tenant: Tenant) -> None:
    names = [name for name in tenant_tables() if name.startswith(("reading_2", "reading_before_2020"))]
    assert len(names) >= 5


def test_without_a_workspace_no_table_shows_a_row(tenant: Tenant) -> None:
    tenant.client.call("POST", "/v1/personas", {"key": "p", "name": "P"})
    seen = {name: rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in tenant_tables()}
    assert seen == dict.fromkeys(seen, 0)


def test_another_workspace_shows_no_row_of_ours(tenant: Tenant, stranger: Tenant) -> None:
    tenant.client.call("POST", "/v1/personas", {"key": "p", "name": "P"})
    with stranger.enter():
        for name in tenant_tables():
            found = rows(f'SELECT count(*) FROM "{name}" WHERE workspace_id = %s', [tenant.workspace.id])
            assert found == [(0,)], name


def test_a_row_cannot_be_written_into_another_workspace(tenant: Tenant, stranger: Tenant) -> None:
    with pytest.raises(Exception, match="row-level security"), tenant.enter():
        rows(
            "INSERT INTO event (id, workspace_id, type, data, occurred_at) "
            "VALUES (gen_random_uuid(), %s, 'x', '{}', now()) RETURNING id",
            [stranger.workspace.id],
        )


def test_a_workspace_ends_with_its_transaction(tenant: Tenant) -> None:
    with tenant.enter():
        pass
    assert rows("SELECT NULLIF(current_setting('app.workspace', true), '')") == [(None,)]
    with pytest.raises(RuntimeError, match="inside a transaction"):
        enter_workspace(tenant.workspace.id)


@pytest.mark.parametrize("table", ["version", "body", "reading", "kpi_revision", "rule", "binding_term"])
def test_append_only_tables_refuse_the_app_role_and_the_owner(tenant: Tenant, table: str) -> None:
    for statement in (f'UPDATE "{table}" SET workspace_id = workspace_id', f'DELETE FROM "{table}"'):
        with pytest.raises(Exception, match="permission denied"), tenant.enter():
            rows(statement)
        with connections["owner"].cursor() as cursor, pytest.raises(Exception, match="insert-only"):
            cursor.execute(statement)


def test_no_tenant_table_is_reached_from_another_by_a_key_without_workspace(tenant: Tenant) -> None:
    """Every foreign key between tenant tables carries workspace_id."""
    found = rows(
        """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid <> 'workspace'::regclass AND NOT EXISTS (
          SELECT 1 FROM pg_attribute a
          WHERE a.attrelid = conrelid AND a.attnum = ANY(conkey) AND a.attname = 'workspace_id')
        """
    )
    assert [row for row in found if row[0] not in FRAMEWORK] == []
