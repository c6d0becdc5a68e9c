"""When the database or the broker is away: 503 that says when to come back, and nothing that waits."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import Celery
from django.conf import settings
from django.db import close_old_connections, connection

from service import wake
from tests.conftest import ApiClient, Tenant
from tests.service.databases import database, run

# Asks the service, in a process of its own, as a client would; prints status, media type, Retry-After, body.
ASK = """
import json, sys, django
django.setup()
from django.test import Client
client, told = Client(raise_request_exception=False, SERVER_NAME="localhost"), {}
for path in ("/livez", "/readyz", "/metrics", "/v1/me", "/hooks/lm_hook_00000000_" + "a" * 43):
    send = client.post if path.startswith("/hooks") else client.get
    answer = send(path, headers={"Authorization": "Bearer lm_key_00000000_" + "a" * 43})
    told[path.split("_")[0]] = [answer.status_code, answer["Content-Type"], answer.headers.get("Retry-After"),
                                answer.content.decode()]
print(json.dumps(told))
"""


def asked(url: str) -> dict[str, Any]:
    ended = run("-c", ASK, DATABASE_URL=url)
    assert ended.returncode == 0, ended.stderr
    assert "lm_hook_" not in ended.stderr
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def test_without_a_database_everything_but_life_is_503() -> None:
    told = asked("postgresql://app:secret-of-the-database@127.0.0.1:1/none")
    assert told["/livez"][0] == told["/metrics"][0] == 200
    status, _, wait, body = told["/readyz"]
    assert (status, wait, json.loads(body)["checks"]["database"]) == (503, "5", False)
    for path in ("/v1/me", "/hooks/lm"):
        status, media, wait, body = told[path]
        assert (status, media, wait) == (503, "application/problem+json", "5"), path
        assert json.loads(body)["code"] == "unavailable"
        assert "secret-of-the-database" not in body


def test_a_database_that_was_not_migrated_is_not_ready(tenant: Tenant) -> None:
    with database() as (_, app):
        told = asked(app)
    assert told["/livez"][0] == told["/metrics"][0] == 200
    status, _, _, body = told["/readyz"]
    found = json.loads(body)["checks"]
    assert (status, found["database"], found["migrations"]) == (503, True, False)


def test_ready_names_every_check(tenant: Tenant) -> None:
    answer = ApiClient().call("GET", "/readyz")
    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert {name: checks[name] for name in ("database", "migrations", "broker", "partitions")} == {
        "database": True,
        "migrations": True,
        "broker": True,
        "partitions": True,
    }
    assert checks["due_lag_s"] >= 0


@pytest.fixture
def app() -> Iterator[psycopg.Connection[Any]]:
    """Another session of the app role: a role may end its own sessions."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        yield session


def test_a_session_that_was_ended_is_503_once(tenant: Tenant, app: psycopg.Connection[Any]) -> None:
    assert tenant.client.call("GET", "/v1/me").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    app.execute("SELECT pg_terminate_backend(%s)", [pid])
    answer = tenant.client.call("GET", "/v1/me")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    close_old_connections()  # what the server does after each request
    assert tenant.client.call("GET", "/v1/me").status_code == 200


def _pid() -> int:
    return int(connection.connection.info.backend_pid)


def test_a_session_that_ended_between_requests_is_replaced(
    tenant: Tenant, app: psycopg.Connection[Any]
) -> None:
    assert tenant.client.call("GET", "/v1/me").status_code == 200
    before = _pid()
    app.execute("SELECT pg_terminate_backend(%s, 20000)", [before])
    close_old_connections()  # what the server does before each request
    assert tenant.client.call("GET", "/v1/me").status_code == 200
    assert _pid() != before
    connection.connection.close()  # on our side
    close_old_connections()
    assert tenant.client.call("GET", "/v1/me").status_code == 200


def test_the_begin_of_a_request_asks_whether_the_session_works(tenant: Tenant, tmp_path: Path) -> None:
    assert tenant.client.call("GET", "/v1/me").status_code == 200
    close_old_connections()
    with (tmp_path / "protocol").open("w") as protocol:
        connection.connection.pgconn.trace(protocol.fileno())
        assert tenant.client.call("GET", "/v1/me").status_code == 200
        connection.connection.pgconn.untrace()
    asked = re.findall(r'Query\t "(.*)"', (tmp_path / "protocol").read_text())
    assert (asked[0], asked[-1], asked.count("BEGIN")) == ("BEGIN", "COMMIT", 1)
    assert "SELECT 1" not in asked


def test_without_a_transaction_the_session_is_asked_by_a_statement(
    tenant: Tenant, app: psycopg.Connection[Any]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2")
    before = _pid()
    app.execute("SELECT pg_terminate_backend(%s, 20000)", [before])
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 2")
    assert _pid() != before


def test_a_session_that_ends_in_the_middle_of_a_change_changes_nothing(
    tenant: Tenant, app: psycopg.Connection[Any]
) -> None:
    answers: list[Any] = []

    def rename() -> None:
        try:
            client = ApiClient(tenant.secret)
            answers.append(client.call("PATCH", "/v1/workspace", {"name": "renamed"}, etag="*"))
        finally:
            connection.close()

    with app.transaction():
        app.execute("SELECT 1 FROM workspace WHERE id = %s FOR UPDATE", [tenant.workspace.id])
        thread = threading.Thread(target=rename)
        thread.start()
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"
        until = time.monotonic() + 20
        while not (found := app.execute(waiting, [app.info.backend_pid]).fetchall()):
            assert time.monotonic() < until
            time.sleep(0.02)
        app.execute("SELECT pg_terminate_backend(%s)", [found[0][0]])
        thread.join(20)
    (answer,) = answers
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert tenant.client.call("GET", "/v1/workspace").json()["name"] == "ours"


def test_a_broker_that_is_away_holds_nobody(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    app = Celery(broker="redis://127.0.0.1:1/0")
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    @app.task(name="thing.done")
    def task() -> None:
        """Nobody is there to do it."""

    poke = wake._Poke()
    for _ in range(100):
        poke.send(task)
    # One try, and 99 that did not wait for another.
    assert len([line for line in caplog.messages if "broker does not answer" in line]) == 1
