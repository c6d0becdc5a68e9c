"""The `sql` connector against real servers: the suite's Postgres, and a MariaDB where there is one."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from config.embedded.throwaway import on_database
from kpis.connectors import CONNECTORS, PullFailed
from kpis.connectors.sql.dsn import BadDsn, parse_dsn
from kpis.connectors.sql.statement import bounded
from service.ids import new_id
from service.outbound import Caller, HostTurns, OutboundError, OutboundSession, Policy, calling_for
from tests.kpis.connectors.replica import WINDOW, fetched, mapped
from tests.service.databases import database

MARIADB = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")
INSTALL = shutil.which("mariadb-install-db")
TABLE = """CREATE TABLE traffic (
    day date NOT NULL, page varchar(20) NOT NULL, visits integer, share decimal(6, 4), seen timestamp NULL)"""
ROWS = """INSERT INTO traffic VALUES
    ('2026-09-30', '/', 5, 0.5000, NULL),
    ('2026-10-05', '/', 40, 0.1234, '2026-10-05 09:00:00'),
    ('2026-10-06', '/pay', NULL, 0.2500, '2026-10-06 09:00:00')"""
QUERY = """SELECT day, page, visits, share AS fraction, seen FROM traffic
    WHERE day >= :start AND day < :end ORDER BY day"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A database of the owner's, with a role that may read one table."""
    with database() as (owner, app):
        with psycopg.connect(owner, autocommit=True) as made:
            made.execute(TABLE)
            made.execute(ROWS)
            made.execute("CREATE TABLE hidden (x integer)")
            made.execute("GRANT SELECT, INSERT ON traffic TO PUBLIC")  # a role that may do too much
        yield address(app, "postgresql")


def address(url: str, scheme: str) -> str:
    """The URL of a test server as customers write one."""
    parsed = urlsplit(url)
    host = parsed.netloc.replace("localhost", "127.0.0.1")
    return urlunsplit((scheme, host, parsed.path, "tls=off", ""))


@pytest.fixture(scope="module")
def mysql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if MARIADB is None or INSTALL is None:
        pytest.skip("no mariadb")
    home: Path = tmp_path_factory.mktemp("mariadb")
    data, link = home / "data", home / "m.sock"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    common = ["--no-defaults", f"--datadir={data}", f"--user={user}"]
    made = [INSTALL, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True)
    options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={link}", f"--pid-file={home}/pid"]
    if OPENSSL:
        request = [
            OPENSSL,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=nobody",
        ]
        subprocess.run(
            [*request, "-keyout", "key", "-out", "cert"], cwd=home, check=True, capture_output=True
        )
        options += [f"--ssl-cert={home}/cert", f"--ssl-key={home}/key"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([MARIADB, *common, *options], stdout=log, stderr=log)
        try:
            root = connected(link, server)
            with root, root.cursor() as cursor:
                for statement in (
                    "CREATE DATABASE shop",
                    "USE shop",
                    TABLE,
                    ROWS,
                    "CREATE TABLE hidden (x integer)",
                    "CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'p@ss/w'",
                    "GRANT SELECT, INSERT ON shop.traffic TO 'reader'@'127.0.0.1'",
                    "GRANT FILE ON *.* TO 'reader'@'127.0.0.1'",
                    "CREATE USER 'crowded'@'127.0.0.1' IDENTIFIED BY 'x' WITH MAX_CONNECTIONS_PER_HOUR 1",
                    "GRANT SELECT ON shop.traffic TO 'crowded'@'127.0.0.1'",
                ):
                    cursor.execute(statement)
                root.commit()
            yield f"mysql://reader:p%40ss%2Fw@127.0.0.1:{port}/shop?tls=off"
        finally:
            server.terminate()
            server.wait(60)


def connected(link: Path, server: subprocess.Popen[bytes]) -> Any:
    until = time.monotonic() + 60
    while True:
        assert server.poll() is None
        assert time.monotonic() < until
        with socket.socket(socket.AF_UNIX) as trial, suppress(OSError):
            trial.connect(str(link))
            break
        time.sleep(0.1)
    return pymysql.connect(unix_socket=str(link), user="root", ssl_disabled=True)


@pytest.fixture(params=["postgres", "mysql"])
def dsn(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def rows(dsn: str, query: str, **config: Any) -> list[Any]:
    return fetched("sql", {"query": query, **config}, dsn)[1]


def test_rows_of_the_window_by_column_name(dsn: str) -> None:
    found = rows(dsn, QUERY + "; ")
    assert found == [
        {
            "day": "2026-10-05",
            "page": "/",
            "visits": 40,
            "fraction": Decimal("0.1234"),
            "seen": "2026-10-05T09:00:00",
        },
        {
            "day": "2026-10-06",
            "page": "/pay",
            "visits": None,
            "fraction": Decimal("0.2500"),
            "seen": "2026-10-06T09:00:00",
        },
    ]
    mapping = {
        "kpi": "visits",
        "value": "$.visits",
        "period": "$.day",
        "labels": {"page": {"path": "$.page"}},
    }
    extract = mapped([mapping], found)
    assert [(item["period"], item["value"], item["labels"]) for item in extract.items] == [
        ("2026-10-05", 40, {"page": "/"})
    ]
    assert extract.nulls == 1


def test_rows_are_capped_and_more_of_them_are_told(dsn: str) -> None:
    told, documents = fetched("sql", {"query": "SELECT day FROM traffic", "max_rows": 2}, dsn)
    assert (len(documents), [note.code for note in told.notes]) == (2, ["more_rows"])
    with pytest.raises(PullFailed, match=r"several columns of one name|Duplicate column name"):
        rows(dsn, "SELECT day, day FROM traffic")


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO traffic VALUES ('2026-10-07', '/', 1, 1, NULL)",
        "DELETE FROM traffic",
        "SELECT 1 AS a) AS x; INSERT INTO traffic VALUES ('2026-10-07', '/', 1, 1, NULL); SELECT (1",
        "SELECT 1 AS a) AS x; COMMIT; DELETE FROM traffic; -- ",
        "WITH gone AS (DELETE FROM traffic RETURNING *) SELECT * FROM gone",
        "SELECT * FROM hidden",
        "SELECT 1 /* unclosed",
        "SET @a = 1",
    ],
)
def test_only_a_query_that_reads_what_it_may_is_run(dsn: str, query: str) -> None:
    with pytest.raises(PullFailed, match=r"The database says: .") as failure:
        rows(dsn, query)
    assert failure.value.permanent
    assert rows(dsn, "SELECT count(*) AS n FROM traffic") == [{"n": 3}]


@pytest.mark.parametrize(
    "query",
    [
        "COPY traffic TO PROGRAM 'touch /tmp/never'",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT nextval('counted')",
    ],
)
def test_postgres_keeps_its_word(postgres: str, query: str) -> None:
    with pytest.raises(PullFailed, match="The database says"):
        rows(postgres, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 INTO OUTFILE '/tmp/never-written'",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE traffic",
        "SELECT day FROM traffic FOR UPDATE) AS a, (SELECT 1 INTO @x",
    ],
)
def test_mariadb_writes_no_file_and_gets_none(mysql: str, query: str) -> None:
    with pytest.raises(PullFailed, match="The database says"):
        rows(mysql, query)


def test_a_query_that_takes_long_is_ended_by_the_server(dsn: str) -> None:
    sleep = "pg_sleep(30)::text" if dsn.startswith("postgresql") else "benchmark(100000000000, md5('x'))"
    with pytest.raises(PullFailed, match=r"timeout|max_statement_time|interrupted") as failure:
        rows(dsn, f"SELECT {sleep} AS a", timeout_s=1)
    assert not failure.value.permanent


def test_what_the_database_refuses_is_said_without_the_password(dsn: str) -> None:
    wrong = dsn.replace(urlsplit(dsn).password or "", "wr0ng-s3cret")
    with pytest.raises(PullFailed, match=r"(?i)password") as failure:
        rows(wrong, "SELECT 1 AS a")
    assert (failure.value.permanent, "wr0ng" in str(failure.value)) == (True, False)
    closed = urlsplit(dsn)._replace(netloc=f"{urlsplit(dsn).username}:x@127.0.0.1:{free_port()}").geturl()
    with pytest.raises(PullFailed, match="cannot be connected to") as failure:
        rows(closed, "SELECT 1 AS a")
    assert not failure.value.permanent


def test_a_database_without_a_connection_left_is_left_alone_for_a_while(postgres: str) -> None:
    config, at = {"query": "SELECT 1 AS a"}, datetime(2026, 11, 22, 9, tzinfo=UTC)
    caller = Caller(new_id().hex, at)

    async def pulls() -> list[PullFailed | None]:
        found: list[PullFailed | None] = []
        async with HostTurns() as turns, OutboundSession(Policy(allow_loopback=True), turns=turns) as http:
            for who in (caller, caller, Caller(new_id().hex, at)):
                try:
                    with calling_for(who):
                        await CONNECTORS["sql"].fetch(config, postgres, WINDOW, http)
                    found.append(None)
                except PullFailed as failure:
                    found.append(failure)
        return found

    owner = on_database(os.environ["OWNER_DATABASE_URL"], urlsplit(postgres).path[1:])
    with psycopg.connect(owner, autocommit=True) as server:
        name = sql.Identifier(urlsplit(postgres).path[1:])
        server.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT 0").format(name))
        try:
            asked, held, another = asyncio.run(pulls())
        finally:
            server.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT -1").format(name))
    assert asked is not None
    assert held is not None
    assert another is not None
    assert ("too many connections" in str(asked), asked.permanent, asked.retry_after) == (True, False, "30")
    assert held.held_until is not None  # not asked, and nothing is counted against it
    assert held.held_until >= at + timedelta(seconds=30)
    assert another.held_until is None  # another workspace's limit may be another one


def test_mariadb_says_so_by_its_number(mysql: str) -> None:
    crowded = mysql.replace("reader:p%40ss%2Fw", "crowded:x")
    rows(crowded, "SELECT 1 AS a")
    with pytest.raises(PullFailed, match="max_connections_per_hour") as failure:
        rows(crowded, "SELECT 1 AS a")
    assert (failure.value.permanent, failure.value.retry_after) == (False, "30")


@pytest.mark.skipif(OPENSSL is None, reason="no openssl")
def test_tls_is_what_the_address_asks_for(postgres: str, mysql: str) -> None:
    """This Postgres has none, and is not spoken to without; MariaDB's certificate is nobody's."""
    for dsn in (postgres, mysql):
        with pytest.raises(PullFailed, match=r"SSL|certificate"):
            rows(dsn.replace("tls=off", "tls=verify"), "SELECT 1 AS a")
    with pytest.raises(PullFailed, match="SSL"):
        rows(postgres.replace("tls=off", "tls=require"), "SELECT 1 AS a")
    assert rows(mysql.replace("tls=off", "tls=require"), "SELECT 1 AS a") == [{"a": 1}]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    "text",
    [
        "mysql://u:p@169.254.169.254/db",
        "postgresql://u:p@10.0.0.5/db",
        "postgresql://u:p@[::ffff:10.0.0.5]/db",
        "postgresql://u:p@2130706433/db",
        "postgresql://u:p@db.example:22/db",
        "postgresql://u:p@db.example/db?sslmode=disable",
        "postgresql://u:p@db.example/db?options=-c%20x",
        "postgresql://u:p@db.example/db?passfile=/etc/passwd",
        "mysql://u:p@db.example/db?local_infile=1",
        "mysql://u:p@db.example/db?unix_socket=/run/x",
        "postgresql://u:p@a.example,b.example/db",
        "postgresql:///db?host=/tmp",
        "postgresql://u:p@/db",
        "postgresql://u:p@db.example/",
        "postgresql://db.example/db",
        "postgresql://u:p%00@db.example/db",
        "postgresql://u:p@db.example:x/db",
        "sqlite:///etc/passwd",
        "host=db.example user=u",
        "",
    ],
)
def test_addresses_that_are_not_called(text: str) -> None:
    with pytest.raises(BadDsn) as refused:
        parse_dsn(text)
    assert "u:p" not in str(refused.value)


def test_a_name_that_leads_inside_is_refused_when_it_is_called() -> None:
    """The policy judges what the name leads to, as for every call."""
    strict = Policy()
    with pytest.raises(OutboundError, match="Without TLS"):
        strict.other_target("db.example", 5432, plain=True)
    here = Policy(allow_loopback=True)
    with pytest.raises(OutboundError, match="not on this machine"):
        here.admit(here.other_target("db.example", 5432, plain=True), [ip_address("8.8.8.8")])
    target = strict.other_target("db.example", 5432)
    with pytest.raises(OutboundError, match="not public"):
        strict.admit(target, [ip_address("10.0.0.5")])


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("SELECT ':start' WHERE a < :start", "SELECT ':start' WHERE a < %(start)s"),
        ("SELECT a::start, b % 2 -- :end", "SELECT a::start, b %% 2 -- :end"),
        ("SELECT \":end\", `:end`, 'it''s :end', :ending /* :end */ , :end;", None),
    ],
)
def test_the_window_is_bound_outside_of_quotes(query: str, sent: str | None) -> None:
    inner = bounded(query).removeprefix("SELECT * FROM (\n").removesuffix("\n) AS pulled LIMIT %(most)s")
    assert inner == (sent or query.rstrip(";").removesuffix(":end") + "%(end)s")


@given(st.text(max_size=80))
def test_any_text_is_a_statement_with_its_parameters_alone(query: str) -> None:
    filled = bounded(query) % {"start": "S", "end": "E", "most": 1}
    assert filled.endswith("LIMIT 1")
