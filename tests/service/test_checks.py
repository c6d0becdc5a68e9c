"""What an operator can get wrong, tried on real roles and databases: refused with what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks

from service import checks
from service.vault import new_key
from tests.conftest import Tenant
from tests.service.databases import database, run


def faults(url: str) -> list[str]:
    """Return the ids of what is wrong with the database at `url`, as its role sees it."""
    # As Django connects, whatever the database is encoded in.
    with psycopg.connect(url, client_encoding="utf8") as connection, connection.cursor() as cursor:
        found = checks.faults(cursor)
    assert all(message.hint for message in found)
    return [str(message.id) for message in found]


def test_the_database_of_the_tests_is_fit(tenant: Tenant) -> None:
    assert faults(os.environ["DATABASE_URL"]) == []
    assert run_checks(databases=["default"]) == []


def test_fonts_that_are_not_there(settings: Any, tmp_path: Path) -> None:
    settings.RENDITION_FONTS = [str(tmp_path), str(tmp_path / "none")]
    (found,) = run_checks()
    assert (found.id, found.msg) == ("service.E004", f"RENDITION_FONTS: {tmp_path}/none is no directory.")


def test_a_server_that_is_too_old(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST_POSTGRES", 990000)
    assert faults(os.environ["DATABASE_URL"]) == ["service.E010"]


def test_an_encoding_and_a_locale_that_know_ascii_only(tenant: Tenant) -> None:
    locale = "TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    with database(f"{locale} ENCODING 'SQL_ASCII'") as (_, app):
        assert faults(app) == ["service.E011", "service.E012"]
    with database(f"{locale} ENCODING 'UTF8'") as (_, app):
        assert faults(app) == ["service.E012"]


def test_a_superuser_passes_row_security_by(tenant: Tenant) -> None:
    if "SUPERUSER_DATABASE_URL" not in os.environ:
        pytest.skip("the superuser of this Postgres is not known")
    assert faults(os.environ["SUPERUSER_DATABASE_URL"]) == ["service.E013"]


def test_an_owner_owns_what_it_serves(tenant: Tenant) -> None:
    assert faults(os.environ["OWNER_DATABASE_URL"]) == ["service.E014"]


@pytest.mark.parametrize("half", ["", "ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY"])
def test_a_tenant_table_without_forced_row_security(tenant: Tenant, half: str) -> None:
    with database() as (owner, app):
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("CREATE TABLE letter (workspace_id uuid, content text)")
            connection.execute("CREATE TABLE due (workspace_id uuid)")  # one of the three that may
            if half:
                connection.execute(f"ALTER TABLE letter {half}")
        assert faults(app) == ["service.E015"]
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute("ALTER TABLE letter ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        assert faults(app) == []


@pytest.mark.parametrize(
    "argv",
    [
        ("-c", "import config.wsgi"),
        ("-m", "celery", "-A", "config.celery", "worker", "--pool=solo", "--without-mingle", "-Q", "nothing"),
    ],
)
def test_web_and_worker_refuse_to_start_as_the_owner(tenant: Tenant, argv: tuple[str, ...]) -> None:
    ended = run(*argv, DATABASE_URL=os.environ["OWNER_DATABASE_URL"])
    assert ended.returncode != 0
    assert "owns tables that it serves. Use a role with NOSUPERUSER NOBYPASSRLS" in ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("VAULT_KEYS", [], "service.E001"),
        ("VAULT_KEYS", [new_key(), "short"], "service.E001"),
        ("SECRET_KEY", "x" * 31, "service.E003"),
    ],
)
def test_keys_that_are_none_are_told(settings: Any, name: str, value: Any, told: str) -> None:
    setattr(settings, name, value)
    assert [message.id for message in run_checks(tags=["security"])] == [told]
