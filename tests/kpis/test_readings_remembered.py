"""KPIs that a process remembers: readings go by them only while they are still so, whoever changed them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from kpis.actions.readings import Outcome
from kpis.models.definitions import Kpi
from kpis.queries.definitions import accepting, accepting_kept
from kpis.series.reading_in import ReadingIn
from service.models import Workspace
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import AT, put, series_of

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def _put(tenant: Tenant, day: int, ref: str = "visits") -> Outcome:
    start = FIRST + timedelta(days=day)
    (outcome,) = put(tenant, [ReadingIn(kpi=ref, value=7, start=start, end=start + timedelta(days=1))], at=AT)
    return outcome


@pytest.fixture
def place(tenant: Tenant) -> Place:
    """A KPI whose readings this process took: it remembers what it is."""
    place = Place(tenant)
    place.kpi("visits", kind="visitors", period="day")
    assert [_put(tenant, day).status for day in (0, 1)] == ["created", "created"]
    assert accepting_kept(tenant.workspace.id, ["visits"]) is not None
    return place


def _archive(kpi: Kpi) -> None:
    Kpi.objects.filter(id=kpi.id).update(archived_at=AT)


def _rename(kpi: Kpi) -> None:
    Kpi.objects.filter(id=kpi.id).update(key="other")


def _begin_later(kpi: Kpi) -> None:
    Workspace.objects.filter(id=kpi.workspace_id).update(history_from=AT)


@pytest.mark.parametrize(
    ("change", "code"),
    [(_archive, "unknown_kpi"), (_rename, "unknown_kpi"), (_begin_later, "before_history")],
)
def test_what_another_process_changed_is_seen(
    place: Place, tenant: Tenant, change: Callable[[Kpi], None], code: str
) -> None:
    with tenant.enter():
        change(Kpi.objects.get(key="visits"))
    outcome = _put(tenant, 2)
    assert (outcome.status, [issue.code for issue in outcome.issues]) == ("refused", [code])


def test_another_measure_has_another_series(place: Place, tenant: Tenant) -> None:
    remembered = accepting_kept(tenant.workspace.id, ["visits"])
    etag = place.call("GET", "/v1/kpis/visits")["etag"]
    place.call("PATCH", "/v1/kpis/visits", {"kind": "count"}, etag=etag)
    with tenant.enter():
        assert accepting(tenant.workspace.id, ["visits"]) != remembered
    assert _put(tenant, 2).status == "created"
    assert [one.revision for one in series_of(tenant, "visits")] == [1, 2]


def test_a_definition_that_was_rolled_back_is_not_gone_by(place: Place, tenant: Tenant) -> None:
    with tenant.enter():
        Kpi.objects.filter(key="visits").update(key="visited")
        assert accepting(tenant.workspace.id, ["visited"])
        transaction.set_rollback(True)
    outcome = _put(tenant, 2, "visited")
    assert [issue.code for issue in outcome.issues] == ["unknown_kpi"]
    assert _put(tenant, 2).status == "created"
