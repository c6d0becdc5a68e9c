"""Room ahead: told before it ends, with what to do, and no reason not to start."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from service.checks import refuse_unfit_database
from service.partitions import Room, rooms
from tests.conftest import ApiClient, Tenant

YEAR = datetime.now(UTC).year
START = datetime(YEAR, 1, 1, tzinfo=UTC)


def years(first: int, *ends: int) -> str:
    """Return what makes a table `shelf`, partitioned from each year to the next; 0: no beginning."""
    bounds = zip((first, *ends), ends, strict=False)
    parts = (
        f"CREATE TABLE shelf_{low} PARTITION OF shelf "
        f"FOR VALUES FROM ({_instant(low) if low else 'MINVALUE'}) TO ({_instant(high)});"
        for low, high in bounds
    )
    return "CREATE TABLE shelf (at timestamptz) PARTITION BY RANGE (at);" + "".join(parts)


def _instant(year: int) -> str:
    return f"'{year}-01-01 00:00:00+00'"


@pytest.fixture
def shelf(tenant: Tenant) -> Iterator[Any]:
    """Makes the owner's table in the tests' database; it is dropped afterwards."""
    with psycopg.connect(os.environ["OWNER_DATABASE_URL"], autocommit=True) as owner:
        try:
            yield owner.execute
        finally:
            owner.execute("DROP TABLE IF EXISTS shelf")


def found(at: datetime) -> dict[str, Room]:
    with connection.cursor() as cursor:
        return {room.table: room for room in rooms(cursor, at=at)}


def test_readings_have_a_place_for_two_more_years(tenant: Tenant) -> None:
    room = found(START)["reading"]
    assert room.ahead
    assert room.until is not None
    assert room.until >= datetime(YEAR + 3, 1, 1, tzinfo=UTC)
    assert found(datetime(1999, 1, 1, tzinfo=UTC))["reading"].ahead
    assert found(datetime(9000, 1, 1, tzinfo=UTC))["reading"] == Room("reading", None, False)


@pytest.mark.parametrize(
    ("made", "at", "room"),
    [
        (
            years(0, 2026, 2027, 2028),
            "2026-12-31T23:59:59Z",
            Room("shelf", datetime(2028, 1, 1, tzinfo=UTC), True),
        ),
        (
            years(0, 2026, 2027),
            "2026-12-31T23:59:59Z",
            Room("shelf", datetime(2027, 1, 1, tzinfo=UTC), False),
        ),
        (years(0, 2026, 2027), "2027-01-01T00:00:00Z", Room("shelf", None, False)),
        (years(2026, 2027, 2028), "2025-12-31T00:00:00Z", Room("shelf", None, False)),
    ],
)
def test_room_ends_where_the_next_partition_is_missing(shelf: Any, made: str, at: str, room: Room) -> None:
    shelf(made)
    assert found(datetime.fromisoformat(at))["shelf"] == room


def test_a_gap_ends_it_though_there_are_later_ones(shelf: Any) -> None:
    shelf(years(0, 2026, 2027))
    shelf("CREATE TABLE far PARTITION OF shelf FOR VALUES FROM ('2028-01-01+00') TO ('2029-01-01+00')")
    assert found(datetime(2026, 6, 1, tzinfo=UTC))["shelf"].until == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_start_warns_with_what_to_do_and_goes_on(shelf: Any, caplog: pytest.LogCaptureFixture) -> None:
    shelf(years(0, YEAR, YEAR + 1))
    with caplog.at_level(logging.WARNING, "service.checks"):
        refuse_unfit_database()
    (said,) = [record.getMessage() for record in caplog.records if record.name == "service.checks"]
    assert said.startswith(
        f"Rows of shelf have no place from {YEAR + 1}-01-01 on. Run `manage.py make_partitions`"
    )
    answer = ApiClient().call("GET", "/readyz")
    assert (answer.status_code, answer.json()["checks"]["partitions"]) == (200, False)
    metrics = ApiClient().call("GET", "/metrics").content.decode()
    (line,) = [
        one
        for one in metrics.splitlines()
        if one.startswith('livingmaps_partition_room_seconds{table="shelf"}')
    ]
    left = timedelta(seconds=float(line.rsplit(" ", 1)[1]))
    assert timedelta() <= left <= timedelta(days=366)
