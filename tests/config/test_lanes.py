"""Lanes: each worker of the tests has a database and a Valkey database of its own, with the same rights."""

from __future__ import annotations

import os

import psycopg
import pytest

from config.embedded.servers import run_psql
from config.embedded.throwaway import lane, lanes, on_database

GIVEN = {
    "DATABASE_URL": "postgresql://app:a@host:1/run_test?sslmode=require",
    "OWNER_DATABASE_URL": "postgresql://owner:o@host:1/run_test",
    "REDIS_URL": "redis://:p@host:2/3",
    "SECRET_KEY": "s",
}


def test_a_lane_is_another_place_on_the_same_servers() -> None:
    assert lane(GIVEN, 1) == {
        "DATABASE_URL": "postgresql://app:a@host:1/lane1_run_test?sslmode=require",
        "OWNER_DATABASE_URL": "postgresql://owner:o@host:1/lane1_run_test",
        "REDIS_URL": "redis://:p@host:2/5",
    }
    assert not lane(GIVEN, 0).items() & lane(GIVEN, 1).items()


def test_the_app_works_in_a_copy_and_the_copy_goes() -> None:
    """The copy is of an empty database beside ours, which others are using."""
    owner = os.environ["OWNER_DATABASE_URL"]
    empty = {
        name: on_database(os.environ[name], "empty_test") if name != "REDIS_URL" else os.environ[name]
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL")
    }
    run_psql(owner, "-c", 'CREATE DATABASE "empty_test"')
    try:
        with lanes(empty, 1), psycopg.connect(lane(empty, 0)["DATABASE_URL"]) as app:
            assert app.execute("SELECT current_database()").fetchone() == ("lane0_empty_test",)
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(lane(empty, 0)["DATABASE_URL"])
    finally:
        run_psql(owner, "-c", 'DROP DATABASE "empty_test"')
