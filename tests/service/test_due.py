"""Due work: claimed once, fenced, in turns."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from service.due import LeaseLost, claim_due, finish, postpone, pull_forward, set_due
from service.due_many import defer_all, finish_all, still_held
from service.ids import new_id
from tests.conftest import Tenant

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEASE = timedelta(minutes=2)


def appoint(tenant: Tenant, kind: str, count: int, at: datetime = NOW) -> list[object]:
    ids = [new_id() for _ in range(count)]
    for number, row_id in enumerate(ids):
        due_at = at + timedelta(milliseconds=number)
        set_due(workspace_id=tenant.workspace.id, kind=kind, row_id=row_id, due_at=due_at)
    return ids


def claim(kind: str, limit: int = 100, at: datetime = NOW + timedelta(seconds=1)) -> list:
    with transaction.atomic():
        return claim_due(kind=kind, limit=limit, lease=LEASE, at=at)


def test_a_claimed_row_is_not_claimed_again_until_its_lease_ends(tenant: Tenant) -> None:
    kind = f"t{new_id().hex[-20:]}"
    ids = appoint(tenant, kind, 3)
    assert [c.row_id for c in claim(kind)] == ids
    assert claim(kind) == []
    late = claim(kind, at=NOW + LEASE + timedelta(seconds=5))
    assert [(c.row_id, c.attempts) for c in late] == [(row_id, 2) for row_id in ids]


def test_who_lost_the_lease_cannot_finish(tenant: Tenant) -> None:
    kind = f"t{new_id().hex[-20:]}"
    appoint(tenant, kind, 1)
    (first,) = claim(kind)
    (second,) = claim(kind, at=NOW + LEASE + timedelta(seconds=5))
    for end in (lambda: finish(first, next_due_at=None), lambda: postpone(first, due_at=NOW)):
        with pytest.raises(LeaseLost), transaction.atomic():
            end()
    finish(second, next_due_at=NOW + timedelta(hours=1))
    assert claim(kind) == []
    assert [c.attempts for c in claim(kind, at=NOW + timedelta(hours=2))] == [1]


def test_workspaces_take_turns(tenant: Tenant, stranger: Tenant) -> None:
    kind = f"t{new_id().hex[-20:]}"
    appoint(tenant, kind, 50)
    appoint(stranger, kind, 2, at=NOW + timedelta(milliseconds=500))
    first = claim(kind, limit=4)
    assert sorted(c.workspace_id for c in first) == sorted(
        [tenant.workspace.id] * 2 + [stranger.workspace.id] * 2
    )


def test_pull_forward_moves_only_earlier(tenant: Tenant) -> None:
    kind, row_id = f"t{new_id().hex[-20:]}", new_id()
    where = {"workspace_id": tenant.workspace.id, "kind": kind, "row_id": row_id}
    for due_at in (NOW + timedelta(hours=2), NOW, NOW + timedelta(hours=1)):
        pull_forward(**where, due_at=due_at)
    assert [c.due_at for c in claim(kind)] == [NOW]


def test_parallel_claims_share_without_overlap(tenant: Tenant) -> None:
    kind = f"t{new_id().hex[-20:]}"
    ids = appoint(tenant, kind, 60)
    taken: list[object] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            barrier.wait()
            for _ in range(10):
                taken.extend(c.row_id for c in claim(kind, limit=7))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, taken)) == sorted(map(str, ids))


def test_many_claims_end_at_once_but_those_that_are_lost(tenant: Tenant) -> None:
    kind = f"t{new_id().hex[-20:]}"
    appoint(tenant, kind, 4)
    claims = claim(kind)
    set_due(workspace_id=tenant.workspace.id, kind=kind, row_id=claims[1].row_id, due_at=NOW)
    ours = {claims[0].due_id, claims[2].due_id, claims[3].due_id}
    assert still_held(claims) == ours
    again = NOW + timedelta(hours=1)
    ends = [(claims[0], None), (claims[1], None), (claims[2], again), (claims[3], again)]
    assert finish_all(ends) == ours
    assert finish_all(ends) == still_held(claims) == finish_all([]) == set()
    later = claim(kind, at=NOW + timedelta(hours=2))
    assert {c.row_id for c in later} == {c.row_id for c in claims[1:]}
    # Given back, a claim is no attempt.
    assert defer_all((c, again) for c in later) == {c.due_id for c in later}
    assert [(c.due_at, c.attempts) for c in claim(kind, at=NOW + timedelta(hours=2))] == [(again, 1)] * 3
