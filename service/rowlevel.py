"""Migration operations: row level security, composite foreign keys, append-only tables.

A tenant table is protected three times: a forced policy (the owner is bound too), grants to the
app role (no UPDATE or DELETE on append-only tables), and foreign keys that carry the workspace, so
that no row can point into another tenant.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

POLICY = "workspace_id = NULLIF(current_setting('app.workspace', true), '')::uuid"


def protection(table: str, *, append_only: bool = False) -> list[str]:
    """Return the statements that force the policy and set the app role's grants on `table`."""
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY workspace_only ON "{table}" USING ({POLICY}) WITH CHECK ({POLICY})',
        f'REVOKE ALL ON "{table}" FROM PUBLIC, "{settings.APP_ROLE}"',
        f'GRANT {rights} ON "{table}" TO "{settings.APP_ROLE}"',
    ]


class _Statements(Operation):
    """An operation that changes the database and nothing in Django's state."""

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def forward(self) -> list[str]:
        raise NotImplementedError

    def backward(self) -> list[str]:
        return []

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in self.forward():
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in self.backward():
            schema_editor.execute(statement, params=None)


class TenantTable(_Statements):
    """Force row level security on `table`; with `append_only` a trigger refuses UPDATE and DELETE too."""

    def __init__(self, table: str, append_only: bool = False) -> None:
        self.table, self.append_only = table, append_only

    def forward(self) -> list[str]:
        statements = protection(self.table, append_only=self.append_only)
        if self.append_only:
            statements.append(
                f'CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{self.table}" '
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return statements

    def describe(self) -> str:
        return f"Force row level security on {self.table}"


class OpenTable(_Statements):
    """Grant the app role its rights on a table that carries no row level security."""

    def __init__(self, table: str) -> None:
        self.table = table

    def forward(self) -> list[str]:
        return [
            f'REVOKE ALL ON "{self.table}" FROM PUBLIC',
            f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{self.table}" TO "{settings.APP_ROLE}"',
        ]


class TenantReference(_Statements):
    """A foreign key (workspace_id, column) → (workspace_id, id), so that rows stay in their tenant."""

    def __init__(self, table: str, column: str, target: str, target_column: str = "id") -> None:
        self.table, self.column, self.target, self.target_column = table, column, target, target_column

    @property
    def constraint(self) -> str:
        return f"{self.table}_{self.column}_in_workspace"

    def forward(self) -> list[str]:
        return [
            f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.constraint}" '
            f'FOREIGN KEY (workspace_id, "{self.column}") '
            f'REFERENCES "{self.target}" (workspace_id, "{self.target_column}")'
        ]

    def backward(self) -> list[str]:
        return [f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.constraint}"']


class RefuseChange(_Statements):
    """The trigger function of append-only tables."""

    def forward(self) -> list[str]:
        return [
            """
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              RAISE EXCEPTION '% rows are insert-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$
            """
        ]

    def backward(self) -> list[str]:
        return ["DROP FUNCTION refuse_change()"]


class OwnersFunctionsErase(_Statements):
    """Let append-only rows go in those of the owner's functions that set `app.erasing`, and nowhere else.

    Whoever sets it by hand is still not the owner, and the owner who logs in and does is not inside a
    function that others may call. (As an attribute of the function only a superuser may set it.)
    """

    def forward(self) -> list[str]:
        return [
            """
            CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF TG_OP <> 'TRUNCATE' AND current_setting('app.erasing', true) = 'yes'
                AND session_user <> current_user
                AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
              THEN
                RETURN NULL;
              END IF;
              RAISE EXCEPTION '% rows are insert-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
            END $$
            """
        ]

    def backward(self) -> list[str]:
        return [RefuseChange().forward()[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")]


class OwnersFunction(_Statements):
    """Create a function that works as the owner, and let the app role alone call it.

    signature: as it is dropped, e.g. `purge_map(uuid, text)`. body: PL/pgSQL from DECLARE on. It sees what
    the transaction's workspace holds, as everybody: policies are forced on the owner too.
    """

    def __init__(self, signature: str, head: str, body: str) -> None:
        self.signature, self.head, self.body = signature, head, body

    def forward(self) -> list[str]:
        # Nobody's temporary table stands in for one of ours.
        safe = "SECURITY DEFINER SET search_path = public, pg_temp"
        return [
            f"CREATE FUNCTION {self.head} LANGUAGE plpgsql {safe} AS $$ {self.body} $$",
            f"REVOKE ALL ON FUNCTION {self.signature} FROM PUBLIC",
            f'GRANT EXECUTE ON FUNCTION {self.signature} TO "{settings.APP_ROLE}"',
        ]

    def backward(self) -> list[str]:
        return [f"DROP FUNCTION {self.signature}"]


class OwnersTable(_Statements):
    """Let only owner's functions write a table: the app role reads it."""

    def __init__(self, table: str) -> None:
        self.table = table

    def forward(self) -> list[str]:
        return [f'REVOKE INSERT ON "{self.table}" FROM "{settings.APP_ROLE}"']
