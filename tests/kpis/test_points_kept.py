"""What a process kept of a series never differs from what the readings say."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from kpis.actions.readings import record_readings
from kpis.queries import points, points_kept
from kpis.queries.bindings import terms_now
from kpis.queries.points_kept import Standing
from kpis.queries.state_judged import judged
from kpis.series.reading_in import ReadingIn
from tests.conftest import Tenant
from tests.kpis.live_maps import Place
from tests.kpis.make_points import API, put

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
MOVES = {"on": 6, "late": 2, "correct": 3, "older": 1, "retract": 2, "leap": 1, "null": 1}
SHOWN: Mapping[str, Mapping[str, Any]] = {
    "days": {"kind": "visitors", "period": "day"},
    "weeks of days": {"kind": "visitors", "period": "week"},
    "instants": {"kind": "gauge", "unit": "seats"},
}
NOW = FIRST + 600 * _DAY


@pytest.fixture
def recalled(monkeypatch: pytest.MonkeyPatch) -> list[Standing]:
    """What was taken from memory; without it the test would compare loading with loading."""
    found: list[Standing] = []

    def watched(*arguments: Any) -> Standing | None:
        held = points_kept.standing(*arguments)
        if held is not None:
            found.append(held)
        return held

    monkeypatch.setattr(points, "standing", watched)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", SHOWN)
def test_any_history_shows_what_a_fresh_process_would_show(
    tenant: Tenant, kind: str, seed: int, recalled: list[Standing]
) -> None:
    chance = random.Random(seed)
    map_id = _shown(tenant, kind)
    day = 70
    for _ in range(25):
        [move] = chance.choices(list(MOVES), list(MOVES.values()))
        count = chance.choice((1, 1, 3))
        if move in ("on", "null"):
            days = [day + step for step in range(count)]
        elif move == "leap":
            days = [day + 40]
        elif move == "older":
            days = [chance.randrange(0, max(1, day - 65))]
        else:
            days = [max(0, day - chance.randrange(1, 12))]
        day = max(day, *(one + 1 for one in days))
        put(tenant, [_item(kind, one, move, chance) for one in days], at=NOW)
        [stored], [fresh] = _stored(tenant, map_id), _fresh(tenant, map_id)
        assert {name for name in fresh if stored[name] != fresh[name]} == set(), move
    assert recalled
    # What follows on the points kept is not loaded at all; a week is made of days, so it is.
    assert any(one.since is None for one in recalled) == (kind != "weeks of days")


def test_what_was_rolled_back_is_not_remembered(tenant: Tenant, recalled: list[Standing]) -> None:
    map_id = _shown(tenant, "days")
    chance = random.Random(1)
    put(tenant, [_item("days", day, "on", chance) for day in range(5)], at=NOW)
    with tenant.enter():
        record_readings(
            workspace_id=tenant.workspace.id,
            items=[_item("days", 5, "on", chance)],
            feed=API,
            on_conflict="correct",
            at=NOW,
        )
        transaction.set_rollback(True)
    put(tenant, [_item("days", 6, "on", chance)], at=NOW)
    assert _stored(tenant, map_id) == _fresh(tenant, map_id)


def test_more_points_than_are_kept_are_loaded(tenant: Tenant, recalled: list[Standing]) -> None:
    map_id, chance = _shown(tenant, "days"), random.Random(1)
    put(tenant, [_item("days", day, "on", chance) for day in range(80)], at=NOW)
    put(tenant, [_item("days", 80, "on", chance)], at=NOW)
    assert recalled
    made = {"expression": "k * 2", "unit": "pairs", "period": "day", "plausibility": {"jump": 10**6}}
    body = {"key": "made", "name": "made", "kind": "derived", **made}
    assert tenant.client.call("POST", "/v1/kpis", body).status_code == 201
    path = f"/v1/journey-maps/{map_id}/bindings"
    element = tenant.client.call("GET", path).json()["results"][0]["element"]
    assert tenant.client.call("POST", path, {"element": element, "kpi": "made"}).status_code == 201
    for day in (81, 82):  # its band looks twelve periods further back
        recalled.clear()
        put(tenant, [_item("days", day, "on", chance)], at=NOW)
        assert bool(recalled) == (day == 82)
        assert _stored(tenant, map_id) == _fresh(tenant, map_id)


def _shown(tenant: Tenant, kind: str) -> uuid.UUID:
    """A KPI shown on a map, with thresholds; return the map."""
    place = Place(tenant)
    rules = {"direction": "up", "warn": 500, "breach": 250, "consecutive": 2}
    place.kpi("k", thresholds=rules, **SHOWN[kind])
    place.bind("k", "form")
    return place.map_id


def _item(kind: str, day: int, move: str, chance: random.Random) -> ReadingIn:
    start = FIRST + day * _DAY
    when: Mapping[str, Any] = (
        {"period": f"{start:%Y-%m-%d}"} if kind != "instants" else {"observed_at": start + timedelta(hours=7)}
    )
    if move == "retract":
        return ReadingIn(kpi="k", retract=True, **when)
    value = None if move == "null" else Decimal(chance.randrange(1000))
    return ReadingIn(kpi="k", value=value, n=None if kind == "instants" else 1, **when)


def _stored(tenant: Tenant, map_id: uuid.UUID) -> list[Any]:
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry FROM binding_state WHERE journey_map_id = %s ORDER BY binding_id", [map_id]
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


def _fresh(tenant: Tenant, map_id: uuid.UUID) -> list[Any]:
    """Worked out without anything kept."""
    with tenant.enter(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, clock_timestamp() FROM binding WHERE journey_map_id = %s ORDER BY id", [map_id]
        )
        rows = cursor.fetchall()
        terms = terms_now(workspace_id=tenant.workspace.id, binding_ids=[row[0] for row in rows])
        found = judged(workspace_id=tenant.workspace.id, terms=terms, at=NOW, until=rows[0][1], live=True)
    return [json.loads(one.text) for one in sorted(found, key=lambda one: one.term.binding_id)]
