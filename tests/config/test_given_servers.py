"""Servers that the environment names, in place of embedded ones."""

from __future__ import annotations

from urllib.parse import urlsplit

import psycopg
import pytest

from config.embedded.data import DataDirectory
from config.embedded.refusal import Refusal
from config.embedded.servers import Servers
from config.embedded.throwaway import throwaway_servers
from tests.config.running import row


@pytest.mark.parametrize("given", ["DATABASE_URL", "OWNER_DATABASE_URL"])
def test_one_of_two_urls_is_refused(given: str, data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(given, "postgresql://app:x@127.0.0.1:1/x")
    with pytest.raises(Refusal, match=f"{given} is set and .* is not"):
        Servers(data).start("living_maps")


def test_a_given_postgres_lends_one_database(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests on a server of one's own: a database made by the owner, used, and dropped."""
    servers = Servers(data, safe=False)
    try:
        urls = servers.start("living_maps")
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
            monkeypatch.setenv(name, urls[name])
        with throwaway_servers("living_maps_test") as lent:
            name = urlsplit(lent["DATABASE_URL"]).path.strip("/")
            assert name.endswith("living_maps_test")
            assert name != "living_maps_test"
            assert row(lent["DATABASE_URL"], "SELECT current_database(), current_user") == (name, "app")
            assert lent["REDIS_URL"] != urls["REDIS_URL"]
            with psycopg.connect(lent["OWNER_DATABASE_URL"]) as owner:
                owner.execute("CREATE TABLE made (id int)")
            assert row(lent["DATABASE_URL"], "SELECT count(*) FROM made") == (0,)
        left = row(urls["DATABASE_URL"], f"SELECT count(*) FROM pg_database WHERE datname = '{name}'")
        assert left == (0,)
    finally:
        servers.stop()


def test_a_given_valkey_is_used(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    servers = Servers(data, safe=False)
    try:
        assert servers.start("living_maps")["REDIS_URL"] == "redis://127.0.0.1:1/0"
        assert list(servers.processes()) == ["postgres"]
    finally:
        servers.stop()
