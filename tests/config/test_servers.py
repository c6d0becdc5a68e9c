"""The embedded servers by themselves: what they are, and what they survive."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded.children import command_of
from config.embedded.data import ROOT, DataDirectory
from config.embedded.migrated import is_migrated, note_migrated
from config.embedded.programs import relocated
from config.embedded.refusal import Refusal
from config.embedded.servers import Servers
from tests.config.running import row

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="another account for Postgres is root's matter")


def test_servers_are_what_production_runs(data: DataDirectory) -> None:
    servers = Servers(data, safe=False)
    try:
        urls = servers.start("living_maps")
        version, encoding, connections, sockets = row(
            urls["SUPERUSER_DATABASE_URL"],
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'),"
            " current_setting('max_connections'), current_setting('unix_socket_directories')",
        )
        assert (version, encoding, connections, sockets) == (18, "UTF8", "200", "")
        assert row(urls["DATABASE_URL"], "SELECT lower('É') = 'é', 'a' < 'B', 'É' > 'z'") == (
            True,
            False,
            True,
        )
        with redis.Redis.from_url(urls["REDIS_URL"], decode_responses=True) as client:
            info = client.info("server")
            assert info["valkey_version"].startswith("9.")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    finally:
        servers.stop()


def test_roles_have_just_their_rights(data: DataDirectory) -> None:
    servers = Servers(data, safe=False)
    try:
        urls = servers.start("living_maps")
        rights = (
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert row(urls["DATABASE_URL"], rights) == (False, False, False, False)
        assert row(urls["OWNER_DATABASE_URL"], rights) == (False, False, True, False)
        with psycopg.connect(urls["OWNER_DATABASE_URL"]) as owner:
            owner.execute("CREATE TABLE made (id bigserial PRIMARY KEY, word text)")
        with psycopg.connect(urls["DATABASE_URL"]) as app:
            app.execute("INSERT INTO made (word) VALUES ('a')")
            app.execute("UPDATE made SET word = 'b'")
            assert app.execute("DELETE FROM made RETURNING word").fetchone() == ("b",)
        for refused in ("CREATE TABLE other ()", "TRUNCATE made", "DROP TABLE made", "CREATE DATABASE other"):
            with (
                psycopg.connect(urls["DATABASE_URL"], autocommit=True) as app,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                app.execute(refused)
    finally:
        servers.stop()


def test_committed_rows_and_keys_survive_kill_9(data: DataDirectory) -> None:
    servers = Servers(data)
    urls = servers.start("living_maps")
    with psycopg.connect(urls["OWNER_DATABASE_URL"]) as owner:
        owner.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    with redis.Redis.from_url(urls["REDIS_URL"]) as client:
        client.rpush("queue", *range(1000))
        client.config_set("appendfsync", "always")
        client.set("last", "1")
    for process in servers.processes().values():
        process.kill()
        process.wait()

    again = Servers(data)
    try:
        urls = again.start("living_maps")
        assert row(urls["DATABASE_URL"], "SELECT count(*) FROM kept") == (1000,)
        with redis.Redis.from_url(urls["REDIS_URL"]) as client:
            assert client.llen("queue") == 1000
    finally:
        again.stop()


def test_a_killed_initdb_leaves_nothing_to_trip_over(data: DataDirectory) -> None:
    half = data.path / "pgdata.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    servers = Servers(data, safe=False)
    try:
        assert row(servers.start("living_maps")["DATABASE_URL"], "SELECT 1") == (1,)
        assert not half.exists()
    finally:
        servers.stop()


# A supervisor on a system that tells no child of its parent's death (macOS), killed outright.
_KILLED_SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from config.embedded import children
children.LINUX = False
from config.embedded.children import command_of
from config.embedded.data import ROOT, DataDirectory
from config.embedded.servers import Servers
servers = Servers(DataDirectory(Path(sys.argv[1])))
print(servers.start("living_maps")["REDIS_URL"], *(p.pid for p in servers.processes().values()), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_servers_that_outlived_their_supervisor_are_ended(data: DataDirectory) -> None:
    """Never may two servers share the files: the second would ruin them."""
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_SUPERVISOR, str(data.path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    url, *pids = killed.stdout.split()
    assert len(pids) == 2, killed.stderr
    assert all(command_of(int(pid)) for pid in pids)
    with redis.Redis.from_url(url) as client:
        client.set("kept", "1")
    servers = Servers(data)
    try:
        urls = servers.start("living_maps")
        assert not any(command_of(int(pid)) for pid in pids)
        with redis.Redis.from_url(urls["REDIS_URL"]) as client:
            assert client.get("kept") == b"1"
    finally:
        servers.stop()


def test_secrets_are_private_and_made_once(data: DataDirectory) -> None:
    made = data.secrets()
    assert data.secrets() == made
    assert stat.S_IMODE((data.path / "secrets.json").stat().st_mode) == 0o600
    assert len(set(made.values())) == len(made)


def test_data_without_its_secrets_is_refused(data: DataDirectory) -> None:
    (data.path / "pgdata").mkdir()
    with pytest.raises(Refusal, match=r"secrets\.json is gone"):
        data.secrets()


def test_data_of_another_major_is_refused(data: DataDirectory) -> None:
    (data.path / "pgdata").mkdir()
    (data.path / "pgdata" / "PG_VERSION").write_text("17\n")
    data.write(
        "secrets.json",
        dict.fromkeys(("superuser", "owner", "app", "valkey", "SECRET_KEY", "VAULT_KEYS"), "x"),
    )
    with pytest.raises(Refusal, match="is of Postgres 17, this release ships 18"):
        Servers(data).start("living_maps")


@ROOT_ONLY
def test_a_closed_directory_moves_the_database_out(tmp_path: Path, nothing_given: None) -> None:
    """Root's checkout below a 0700 directory: the account that runs Postgres cannot get there."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = DataDirectory(closed / "data")
    data.prepare()
    servers = Servers(data, safe=False)
    try:
        assert row(servers.start("living_maps")["DATABASE_URL"], "SELECT 1") == (1,)
        assert (relocated(data.path) / "pgdata" / "PG_VERSION").exists()
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        servers.stop()
    data.erase()
    assert not relocated(data.path).exists()
    assert not data.path.exists()


def test_migrations_are_known_until_code_or_database_changes(data: DataDirectory) -> None:
    servers = Servers(data, safe=False)
    try:
        owner_url = servers.start("living_maps")["OWNER_DATABASE_URL"]
        assert not is_migrated(owner_url)
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("CREATE TABLE django_migrations (id int)")
            owner.execute("INSERT INTO django_migrations VALUES (1), (2)")
            note_migrated(owner_url)
            assert is_migrated(owner_url)
            owner.execute("DELETE FROM django_migrations WHERE id = 2")  # as `migrate … zero` does
            assert not is_migrated(owner_url)
            owner.execute("COMMENT ON DATABASE living_maps IS 'of other code 1'")
            assert not is_migrated(owner_url)
    finally:
        servers.stop()
