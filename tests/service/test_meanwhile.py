"""Work that is done while the server is at a statement."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import DataError, transaction

from service.sql import fetch, fetch_meanwhile
from tests.conftest import Tenant

LOCK = 7_110_711


def test_the_work_is_done_before_the_server_has_answered(tenant: Tenant) -> None:
    """The statement waits for what only the work lets go of: one after the other would never end."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other, transaction.atomic():
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        rows = fetch_meanwhile(
            "SELECT 42 FROM (SELECT pg_advisory_xact_lock(%(lock)s)) AS waited",
            {"lock": LOCK},
            lambda: other.execute("SELECT pg_advisory_unlock(%s)", [LOCK]),
        )
        assert rows == [(42,)]
        assert fetch("SELECT 43", {}) == [(43,)]


@pytest.mark.parametrize("times", [1, 9])  # at first, and once the connection has prepared it
def test_what_goes_wrong_on_either_side_is_raised(tenant: Tenant, times: int) -> None:
    quotient = "SELECT 84 / %(by)s::int"
    for _ in range(times):
        assert fetch_meanwhile(quotient, {"by": 2}, lambda: None) == [(42,)]
        with pytest.raises(DataError, match="division by zero"), transaction.atomic():
            fetch_meanwhile(quotient, {"by": 0}, lambda: None)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            fetch_meanwhile(quotient, {"by": 4}, lambda: 1 // 0)
    assert fetch("SELECT 43", {}) == [(43,)]
