"""What a statement carried is forgotten with it."""

from __future__ import annotations

import tracemalloc

from django.db import connection

from service.sql import fetch
from tests.conftest import Tenant

SIZE, TIMES = 1024 * 1024, 12


def test_a_connection_keeps_no_values_of_its_statements(tenant: Tenant) -> None:
    """psycopg would keep the last hundred statements to count them, values and all."""
    tracemalloc.start()
    try:
        for number in range(TIMES):
            with connection.cursor() as cursor:
                cursor.execute("SELECT length(%s)", [str(number) * (SIZE // len(str(number)))])
                assert cursor.fetchone()[0] > SIZE // 2
        assert tracemalloc.get_traced_memory()[0] < TIMES * SIZE / 4
    finally:
        tracemalloc.stop()


def test_a_statement_whose_values_stand_beside_it_is_prepared(tenant: Tenant) -> None:
    for number in range(7):
        assert fetch("SELECT 41 + %(number)s::int", {"number": number}) == [(41 + number,)]
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 41 +%%'"
    assert fetch(prepared, {}) == [(1,)]
