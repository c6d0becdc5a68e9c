"""Fixtures of the whole suite. `python3 manage.py test` starts the servers and migrates before pytest runs.

The database is migrated by the owner and used as the app role, which can neither truncate nor
bypass row level security: so no test flushes tables. Isolation comes from where it comes in
production: every test has its own workspace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from service.credentials import issue_credential
from service.models import Workspace
from service.tenancy import enter_workspace
from service.workspaces import create_workspace

# The suite says the same of the same code each time, however busy the machine; `--hypothesis-profile=deep`
# looks for what is new.
_UNTIMED: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, **_UNTIMED)
hypothesis.settings.register_profile("deep", max_examples=2000, **_UNTIMED)
hypothesis.settings.load_profile("repeatable")

# Files that take minutes, longest first: several lanes must not end with one of them.
LONGEST = ("contract/test_schemathesis.py", "config/", "stories/", "contract/", "kpis/")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; else in the order of the files."""
    tests = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(tests).as_posix()
        return next((n for n, start in enumerate(LONGEST) if place.startswith(start)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> None:
    """The database of DATABASE_URL is used as it is; refuse to touch one that the runner did not make."""
    if not str(settings.DATABASES["default"]["NAME"]).endswith("_test"):
        pytest.exit("Run the tests with `python3 manage.py test`: it starts throw-away servers.", 2)


@pytest.fixture
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Open the database for a test that commits; there is nothing to undo (see above)."""
    with django_db_blocker.unblock():
        yield
        connection.close()


class ApiClient(Client):
    """Django's client with a credential: JSON in, JSON out, ETags passed by name."""

    def __init__(self, secret: str | None = None, **defaults: Any) -> None:
        super().__init__(raise_request_exception=False, **defaults)
        self.secret = secret

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        etag: str | None = None,
        key: str | None = None,
        content_type: str | None = None,
        **headers: str,
    ) -> Any:
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        if etag:
            sent["If-Match"] = etag
        if key:
            sent["Idempotency-Key"] = key
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = content_type or ("application/merge-patch+json" if method == "PATCH" else "application/json")
        return self.generic(
            method,
            path,
            data=body if isinstance(body, bytes) else b"" if body is None else _dumps(body),
            content_type=kind if body is not None else "",
            headers=sent,
        )


def _dumps(body: Any) -> bytes:
    from service.renderers import encode

    return encode(body)


@dataclass
class Tenant:
    """A workspace and a client that holds every scope in it."""

    workspace: Workspace
    client: ApiClient
    secret: str

    def key(self, *scopes: str) -> ApiClient:
        """Return a client whose key has just these scopes."""
        _, secret = issue_credential(
            workspace_id=self.workspace.id,
            kind="api_key",
            name="narrow",
            scopes=scopes,
            at=datetime.now(UTC),
        )
        return ApiClient(secret)

    def enter(self) -> Any:
        """Return a transaction inside the workspace."""
        return _Entered(self.workspace)


class _Entered:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.atomic = workspace, transaction.atomic()

    def __enter__(self) -> None:
        self.atomic.__enter__()
        enter_workspace(self.workspace.id)

    def __exit__(self, *error: Any) -> None:
        self.atomic.__exit__(*error)


def make_tenant(name: str, **values: Any) -> Tenant:
    at = datetime.now(UTC)
    workspace = create_workspace(name=name, at=at, **values)
    _, secret = issue_credential(
        workspace_id=workspace.id, kind="api_key", name="all", scopes=settings.SCOPES, at=at
    )
    return Tenant(workspace, ApiClient(secret), secret)


@pytest.fixture
def tenant(_database: None) -> Tenant:
    """The workspace of the test."""
    return make_tenant("ours")


@pytest.fixture
def stranger(_database: None) -> Tenant:
    """Another workspace, which must see nothing of ours."""
    return make_tenant("theirs")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Material that nobody here wrote; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data is not on this machine")
    return SHARED_DATA
