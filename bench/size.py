"""Large maps: what a touchpoint costs at 2,000 of them against 64, read as JSON and drawn as a picture.

Every fourth touchpoint shows a KPI with 30 points. The map has just changed before each read, so that nothing
assembled is used again; the bump is taken off.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.ground import POINTS, Ground, document, make_ground, request
from bench.live import expect, post
from bench.measure import Row, interleaved
from journeys.actions.maps import bump_maps
from service.tenancy import workspace_transaction

SMALL, LARGE, A_STAGE, EVERY = 64, 2000, 40, 4
SIZES = {"small": SMALL, "large": LARGE}
FORMATS = {"live map": "application/json", "picture": "image/svg+xml"}


def rows() -> Iterator[Row]:
    ground = make_ground("bench size")
    _kpi(ground)
    maps = {count: _map(ground, count) for count in (SMALL, LARGE)}

    def bump(map_id: uuid.UUID) -> None:
        with workspace_transaction(ground.workspace.id):
            bump_maps(workspace_id=ground.workspace.id, map_ids=[map_id])

    def read(map_id: uuid.UUID, media_type: str) -> None:
        bump(map_id)
        expect(200, ground, f"/v1/journey-maps/{map_id}/live", accept=media_type)

    bumping = interleaved({"bump": lambda: bump(maps[SMALL])}, repeats=20)["bump"]
    for what, media_type in FORMATS.items():
        spent = interleaved(
            {size: partial(read, maps[count], media_type) for size, count in SIZES.items()}, repeats=4
        )
        small, large = (spent[size] - bumping for size in ("small", "large"))
        yield Row(
            f"{what}, just changed: cost of a touchpoint at {LARGE} against {SMALL}",
            (large / LARGE) / (small / SMALL),
            "<= 1.2",
            f"{large:.1f} ms for {LARGE}, {small:.2f} ms for {SMALL}",
        )


def _kpi(ground: Ground) -> None:
    thresholds = {"target": 1200, "warn": 1100, "breach": 1000}
    kpi = {"key": "k", "name": "Visitors", "kind": "count", "period": "day", "direction": "up"}
    post(ground, "/v1/kpis", {**kpi, "thresholds": thresholds})
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=ago) for ago in range(POINTS, 0, -1)]
    items = [
        {"kpi": "k", "value": 1000 + place * 11 % 400, "period": day.isoformat()}
        for place, day in enumerate(days)
    ]
    post(ground, "/v1/readings/batch", {"items": items})


def _map(ground: Ground, count: int) -> uuid.UUID:
    """Make and publish a map of so many touchpoints; return its id."""
    texts = itertools.cycle(t for stage in document("Bench")["stages"] for t in stage["touchpoints"])
    touchpoints = [{**next(texts), "key": f"t-{number}"} for number in range(count)]
    stages: list[dict[str, Any]] = [
        {"key": f"s-{first}", "name": f"Stage {first}", "touchpoints": touchpoints[first : first + A_STAGE]}
        for first in range(0, count, A_STAGE)
    ]
    made = post(ground, "/v1/journey-maps", {"document": {"name": f"Bench {count}", "stages": stages}})
    _, headers, body = request(ground, "GET", f"/v1/journey-maps/{made['id']}/draft")
    drafted = (touchpoint for stage in json.loads(body)["stages"] for touchpoint in stage["touchpoints"])
    for touchpoint in itertools.islice(drafted, 0, None, EVERY):
        post(ground, f"/v1/journey-maps/{made['id']}/bindings", {"element": touchpoint["id"], "kpi": "k"})
    post(ground, f"/v1/journey-maps/{made['id']}/versions", {}, if_match=headers["ETag"])
    return uuid.UUID(made["id"])
