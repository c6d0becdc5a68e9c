"""Runs recorded together: what is wrong with one source is no other's affair."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.actions import runs_recorded
from kpis.actions.runs import OUR_FAULT, Ended, Pull, ended
from kpis.actions.runs_recorded import record_runs
from kpis.actions.sources import DUE_KIND
from kpis.connectors import Fetched, PullFailed, Window
from kpis.models.sources import Source, SourceRun
from kpis.queries.pulled import sources_to_pull
from service.due import Claim, claim_due, set_all_due
from service.ids import new_id
from tests.conftest import Tenant
from tests.kpis.test_sources import WEEK, kpi

__all__ = ["kpi"]  # a fixture

BODY = json.dumps({"data": [{"v": 40, **WEEK}]}).encode()
LEASE = timedelta(minutes=2)


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def claimed(tenant: Tenant, count: int, at: datetime) -> list[Claim]:
    """Make sources, each for a series of its own, and claim them."""
    rows = [
        Source(
            id=new_id(),
            workspace_id=tenant.workspace.id,
            created_at=at,
            updated_at=at,
            name=f"Source {number}",
            type="http_json",
            config={"url": "https://example.com/"},
            mappings=[
                {
                    "kpi": "visits",
                    "items": "$.data[*]",
                    "value": "$.v",
                    "start": "$.start",
                    "end": "$.end",
                    "labels": {"source": {"const": str(number)}},
                }
            ],
            schedule={"every": "PT5M"},
        )
        for number in range(count)
    ]
    with tenant.enter():
        Source.objects.bulk_create(rows)
    due = {"workspace_id": tenant.workspace.id, "kind": DUE_KIND, "due_at": at}
    set_all_due(**due, row_ids=[row.id for row in rows])
    return claim_again(tenant, at)


def claim_again(tenant: Tenant, at: datetime) -> list[Claim]:
    taken = claim_due(kind=DUE_KIND, limit=10_000, lease=LEASE, at=at)
    return sorted((c for c in taken if c.workspace_id == tenant.workspace.id), key=lambda c: str(c.row_id))


def runs_of(
    tenant: Tenant,
    claims: Sequence[Claim],
    at: datetime,
    replies: dict[int, Fetched | PullFailed] | None = None,
) -> list[Ended]:
    with tenant.enter():
        sources = sources_to_pull(tenant.workspace.id, [claim.row_id for claim in claims])
    window = Window(at - timedelta(days=7), at)
    good = Fetched([BODY], window)
    pulls = [Pull(claim, sources[claim.row_id], at, at, window) for claim in claims]
    return [ended(pull, (replies or {}).get(number, good)) for number, pull in enumerate(pulls)]


def told(tenant: Tenant) -> tuple[Counter[str], int]:
    """How the runs ended, and how many series have their figure."""
    with tenant.enter():
        runs = Counter(
            SourceRun.objects.filter(workspace_id=tenant.workspace.id).values_list("status", flat=True)
        )
    series = tenant.client.call("GET", "/v1/kpis/visits/series").json()["results"]
    return runs, len(series)


def test_a_poisoned_source_in_a_group_of_fifty_fails_alone(
    tenant: Tenant, kpi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = soon()
    runs = runs_of(tenant, claimed(tenant, 50, at), at)
    poison = runs[17].pull.source.id
    tried = Counter[int]()
    record = runs_recorded._record_readings

    def poisoned(workspace_id: UUID, group: Sequence[Ended]) -> Any:
        tried[len(group)] += 1
        recorded = record(workspace_id, group)
        if any(run.pull.source.id == poison and not isinstance(run.found, PullFailed) for run in group):
            raise ValueError("a defect")
        return recorded

    monkeypatch.setattr(runs_recorded, "_record_readings", poisoned)
    record_runs(runs)
    assert told(tenant) == ({"succeeded": 49, "failed": 1}, 49)
    with tenant.enter():
        failed = Source.objects.get(pk=poison)
        others = Source.objects.filter(failures=0, last_error="", last_success_at=at).count()
    assert (failed.failures, failed.last_error, failed.last_success_at, others) == (1, OUR_FAULT, None, 49)
    # Halved until it was alone, not fifty times one.
    assert sum(tried.values()) < 20
    assert claim_again(tenant, at) == []


def test_a_group_costs_as_many_statements_as_two_sources(tenant: Tenant, kpi: str) -> None:
    """Replies go to the door together: what a group costs does not follow how many it has."""
    at = soon()
    claims = claimed(tenant, 30, at)

    def statements(some: Sequence[Claim]) -> int:
        runs = runs_of(tenant, some, at)
        with CaptureQueriesContext(connection) as asked:
            record_runs(runs)
        return len(asked)

    statements(claims[:2])  # the KPI's first series
    assert statements(claims[2:4]) == statements(claims[4:])
    assert told(tenant) == ({"succeeded": 30}, 30)


def test_who_lost_some_leases_records_the_others(tenant: Tenant, kpi: str) -> None:
    at = soon()
    claims = claimed(tenant, 6, at)
    set_all_due(
        workspace_id=tenant.workspace.id,
        kind=DUE_KIND,
        row_ids=[claims[2].row_id, claims[4].row_id],
        due_at=at,
    )
    taken = claim_again(tenant, at)
    assert len(taken) == 2
    record_runs(runs_of(tenant, claims, at))
    assert told(tenant) == ({"succeeded": 4}, 4)
    record_runs(runs_of(tenant, taken, at))
    assert told(tenant) == ({"succeeded": 6}, 6)
    record_runs(runs_of(tenant, taken, at))
    assert told(tenant) == ({"succeeded": 6}, 6)


def test_a_lease_lost_in_the_last_moment_undoes_its_source_alone(
    tenant: Tenant, kpi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the lease ended between the first look and the end: the fenced statement has the last word."""
    at = soon()
    claims = claimed(tenant, 5, at)
    set_all_due(workspace_id=tenant.workspace.id, kind=DUE_KIND, row_ids=[claims[3].row_id], due_at=at)
    monkeypatch.setattr(runs_recorded, "still_held", lambda some: {claim.due_id for claim in some})
    record_runs(runs_of(tenant, claims, at))
    assert told(tenant) == ({"succeeded": 4}, 4)
    assert [claim.row_id for claim in claim_again(tenant, at)] == [claims[3].row_id]


def test_what_breaks_and_what_heals_goes_with_a_group(tenant: Tenant, kpi: str) -> None:
    at = soon()
    claims = claimed(tenant, 4, at)
    gone = PullFailed("The source answered 410.", permanent=True)
    slow = PullFailed("TimedOut", permanent=False)
    record_runs(runs_of(tenant, claims, at, {0: gone, 1: slow}))
    assert told(tenant) == ({"succeeded": 2, "failed": 2}, 2)
    with tenant.enter():
        rows = {row.pk: row for row in Source.objects.all()}
    state = [(rows[c.row_id].broken, rows[c.row_id].failures, rows[c.row_id].last_error) for c in claims]
    assert state[:2] == [(True, 1, "The source answered 410."), (False, 1, "TimedOut")]
    assert state[2:] == [(False, 0, "")] * 2
    # The slow one is tried again in seconds, the one that is gone not before its circuit's wait.
    due = {claim.row_id for claim in claim_again(tenant, at + timedelta(seconds=15))}
    assert (claims[0].row_id in due, claims[1].row_id in due) == (False, True)
    later = at + timedelta(minutes=10)
    record_runs(runs_of(tenant, claim_again(tenant, later), later))
    with tenant.enter():
        assert not Source.objects.filter(broken=True).exists()
        assert not Source.objects.exclude(failures=0).exists()


def test_what_is_told_again_is_told_of_its_figure_alone(tenant: Tenant, kpi: str) -> None:
    """Replies of one source tell two series, two weeks each; a figure says how often it was told again."""
    at = soon()
    claims = claimed(tenant, 1, at)
    with tenant.enter():
        [source] = Source.objects.all()
        source.mappings[0]["labels"] = {"source": {"path": "$.of"}}
        source.save(update_fields=["mappings"])
    last_week = {"start": "2026-09-28T00:00:00Z", "end": WEEK["start"]}
    for told_of in ("aAbB", "aAbB", "a", "A", "A"):
        told = [{"v": 40, "of": name.lower(), **(WEEK if name.islower() else last_week)} for name in told_of]
        reply = Fetched([json.dumps({"data": told}).encode()], Window(at - timedelta(days=7), at))
        record_runs(runs_of(tenant, claims, at, {0: reply}))
        at += timedelta(hours=1)
        claims = claim_again(tenant, at)
    for name, week, again in (("a", 41, 2), ("a", 40, 3), ("b", 41, 1), ("b", 40, 1)):
        path = f"/v1/kpis/visits/explain?period=2026-W{week}&labels={quote(json.dumps({'source': name}))}"
        said = tenant.client.call("GET", path).json()
        assert [feed["deduplicated"] for feed in said["feeds"]] == [again]
