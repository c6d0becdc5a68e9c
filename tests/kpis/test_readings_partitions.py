"""Partitions of readings: made ahead by the owner alone, each protected like the table it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.make_points import put
from tests.kpis.make_readings import kpi


def partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits "
            "WHERE inhparent = 'reading'::regclass ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def owner(tenant: Tenant, django_db_blocker: object) -> None:
    connections["owner"].ensure_connection()


def test_coming_years_are_made_ahead_once(owner: None) -> None:
    year = datetime.now(UTC).year
    assert f"reading_{year + 2}" in partitions()
    out = StringIO()
    call_command("make_partitions", "--years", "4", stdout=out)
    assert {f"reading_{year + 3}", f"reading_{year + 4}"} <= set(partitions())
    again = StringIO()
    call_command("make_partitions", "--years", "4", stdout=again)
    assert again.getvalue() == f"Readings have a place up to {year + 4}.\n"


def test_the_app_role_makes_none(tenant: Tenant) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT make_reading_partitions(2099)")


def test_no_partition_shows_a_stranger_anything_or_lets_a_row_be_changed(
    owner: None, tenant: Tenant, stranger: Tenant
) -> None:
    call_command("make_partitions", "--years", "4", stdout=StringIO())
    kpi(tenant, "load", "gauge", unit="ms")
    put(tenant, [ReadingIn(kpi="load", observed_at=datetime(2026, 5, 1, tzinfo=UTC), value=1)])
    for table in partitions():
        with stranger.enter(), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET value = 2", f"TRUNCATE {table}"):
            with pytest.raises(DatabaseError), tenant.enter(), connection.cursor() as cursor:
                cursor.execute(change)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reading")
        assert cursor.fetchone() == (0,)
