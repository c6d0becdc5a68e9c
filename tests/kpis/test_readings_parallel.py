"""Many writers of the same series: nobody waits in a circle, nothing counts twice, the clock only grows."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.db import connection

from kpis.actions.rollups import rebuild_dirty
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.at_once import at_once
from tests.kpis.make_points import AT, points_of, put, series_of
from tests.kpis.make_readings import kpi

WRITERS = 6
START = datetime(2026, 5, 1, tzinfo=UTC)


def answer(number: int, page: int) -> ReadingIn:
    return ReadingIn(
        kpi="nps",
        value=number % 11,
        external_id=f"e-{number}",
        observed_at=START + timedelta(hours=number % 50),
        labels={"page": str(page)},
    )


def test_writers_of_the_same_new_series_take_turns(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers", period="day")
    created: list[int] = []

    def write(seed: int) -> None:
        shuffled = [answer(number, number % 20) for number in range(120)]
        random.Random(seed).shuffle(shuffled)
        for start in range(0, 120, 30):
            outcomes = put(tenant, shuffled[start : start + 30], on_conflict="refuse")
            assert {outcome.status for outcome in outcomes} <= {"created", "duplicate"}
            created.append(sum(outcome.status == "created" for outcome in outcomes))

    def rebuild() -> None:
        for _ in range(20):
            with tenant.enter():
                rebuild_dirty(workspace_id=tenant.workspace.id, limit=10, at=AT)

    at_once(rebuild, *(lambda seed=seed: write(seed) for seed in range(WRITERS)))
    assert sum(created) == 120
    assert len(series_of(tenant, "nps")) == 20
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reading WHERE workspace_id = %s", [tenant.workspace.id])
        assert cursor.fetchone() == (120,)


def test_corrections_of_one_figure_leave_the_last_recorded_and_a_growing_clock(tenant: Tenant) -> None:
    kpi(tenant, "visits", "visitors")
    committed: list[tuple[str, int]] = []
    lock = threading.Lock()

    def write(writer: int) -> None:
        for step in range(10):
            value = 1000 * writer + step
            (outcome,) = put(tenant, [ReadingIn(kpi="visits", period="2026-W10", value=value)])
            assert outcome.id is not None
            with lock:
                committed.append((outcome.id, value))

    at_once(*(lambda writer=writer: write(writer) for writer in range(1, WRITERS + 1)))
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT recorded_at, value FROM reading WHERE workspace_id = %s ORDER BY recorded_at",
            [tenant.workspace.id],
        )
        rows = cursor.fetchall()
    assert len(rows) == len({at for at, _ in rows}) == len(committed) == 10 * WRITERS
    by_writer = defaultdict(list)
    for _, value in rows:
        by_writer[int(value) // 1000].append(int(value) % 1000)
    assert all(steps == list(range(10)) for steps in by_writer.values())
    assert [point.value for point in points_of(tenant, "visits")] == [rows[-1][1]]


def test_one_external_id_is_taken_once_by_all(tenant: Tenant) -> None:
    kpi(tenant, "nps", "nps", input="answers")
    statuses: list[str] = []

    def write(value: int) -> None:
        item = ReadingIn(kpi="nps", value=value, external_id="one", observed_at=START)
        statuses.extend(outcome.status for outcome in put(tenant, [item], on_conflict="refuse"))

    at_once(*(lambda value=value: write(value) for value in range(WRITERS)))
    assert sorted(statuses) == ["created", *["refused"] * (WRITERS - 1)]
