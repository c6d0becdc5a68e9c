"""The live map: 64 touchpoints × 3 KPIs, latest figure and 30 points each.

Peers: nested serializers on the same figures, and a view of constant bytes of the same size, which is
what the frame alone costs. "Changed" bumps the map's revision before each read, so that nothing
assembled can be used again; "304" sends the current ETag.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bench.ground import KPIS_A_TOUCHPOINT, POINTS, Ground, document, make_ground, request
from bench.measure import Row, interleaved
from bench.peers.models import PeerKpi, PeerMap, PeerReading, PeerStage, PeerTouchpoint
from bench.peers.views import Constant
from journeys.actions.maps import bump_maps
from service.tenancy import workspace_transaction

MAP = "bench-live"


def rows() -> Iterator[Row]:
    ground = make_ground("bench live")
    map_id = uuid.UUID(_ours(ground))
    peer = _peer()
    path = f"/v1/journey-maps/{MAP}/live"
    status, headers, body = request(ground, "GET", path)
    assert status == 200, body
    Constant.content = body
    etag = headers["ETag"]
    changes = itertools.count()

    def changed() -> None:
        next(changes)
        with workspace_transaction(ground.workspace.id):
            bump_maps(workspace_id=ground.workspace.id, map_ids=[map_id])

    def changed_and_read() -> None:
        changed()
        expect(200, ground, path)

    limits = interleaved(
        {
            "constant": lambda: expect(200, ground, "/peer/constant"),
            "unchanged": lambda: expect(200, ground, path),
            "not modified": lambda: expect(304, ground, path, if_none_match=etag),
        },
        repeats=60,
    )
    # The bump is part of the cost of nobody's read: it is measured alone and taken off.
    bumping = interleaved({"bump": changed, "bump and read": changed_and_read}, repeats=30)
    reading = bumping["bump and read"] - bumping["bump"]
    nested = interleaved(
        {
            "nested": lambda: expect(200, ground, f"/peer/live/{peer}"),
            "unchanged": lambda: expect(200, ground, path),
            "bump and read": changed_and_read,
        },
        rounds=3,
        repeats=3,
    )
    size = f"{len(body) / 1000:.0f} kB"
    constant = limits["constant"]
    yield Row(
        "live map against nested DRF serializers, just changed",
        nested["nested"] / (nested["bump and read"] - bumping["bump"]),
        ">= 25",
        f"{nested['nested']:.1f} ms nested, {reading:.2f} ms ours just changed, "
        f"{nested['unchanged']:.2f} ms ours unchanged",
    )
    yield Row(
        "live map just changed against constant bytes",
        constant / reading,
        ">= 0.12",
        f"{constant:.2f} ms constant, {reading:.2f} ms ours, {size}",
    )
    yield Row(
        "live map unchanged against constant bytes",
        constant / limits["unchanged"],
        ">= 0.35",
        f"{constant:.2f} ms constant, {limits['unchanged']:.2f} ms ours, {size}",
    )
    yield Row(
        "304 against constant bytes",
        constant / limits["not modified"],
        ">= 0.4",
        f"{constant:.2f} ms constant, {limits['not modified']:.2f} ms ours",
    )


def expect(status: int, ground: Ground, path: str, **headers: str) -> None:
    got, _, body = request(ground, "GET", path, b"", **headers)
    assert got == status, (got, body[:300])


def _periods() -> list[tuple[datetime, datetime]]:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - timedelta(days=number) for number in range(POINTS, 0, -1)]
    return [(day, day + timedelta(days=1)) for day in days]


def _value(kpi: int, number: int) -> int:
    return 1000 + (kpi * 37 + number * 11) % 400


def post(ground: Ground, path: str, content: object, **headers: str) -> dict[str, Any]:
    """Send JSON and return the answer. Raises AssertionError for a refusal."""
    status, _, body = request(ground, "POST", path, json.dumps(content).encode(), **headers)
    assert status < 300, (path, status, body[:500])
    answer: dict[str, Any] = json.loads(body)
    return answer


def _ours(ground: Ground) -> str:
    made = post(ground, "/v1/journey-maps", {"key": MAP, "document": document("Bench")})
    touchpoints = [t["key"] for stage in document("Bench")["stages"] for t in stage["touchpoints"]]
    for number, (touchpoint, kpi) in enumerate(itertools.product(touchpoints, range(KPIS_A_TOUCHPOINT))):
        key = f"k-{number}"
        post(
            ground,
            "/v1/kpis",
            {
                "key": key,
                "name": f"Visitors {kpi}",
                "kind": "count",
                "period": "day",
                "direction": "up",
                "thresholds": {"target": 1200, "warn": 1100, "breach": 1000},
            },
        )
        post(ground, f"/v1/journey-maps/{MAP}/bindings", {"element": touchpoint, "kpi": key})
        items = [
            {
                "kpi": key,
                "value": _value(number, place),
                "start": start.isoformat(),
                "end": end.isoformat(),
            }
            for place, (start, end) in enumerate(_periods())
        ]
        counts = post(ground, "/v1/readings/batch", {"items": items})["counts"]
        assert counts.get("created") == POINTS, counts
    _, headers, _ = request(ground, "GET", f"/v1/journey-maps/{MAP}/draft")
    post(ground, f"/v1/journey-maps/{MAP}/versions", {"message": "bench"}, if_match=headers["ETag"])
    return str(made["id"])


def _peer() -> int:
    found = PeerMap.objects.create(name="Bench")
    number = 0
    for place, stage in enumerate(document("Bench")["stages"]):
        row = PeerStage.objects.create(
            map=found, name=stage["name"], goal=stage["customer_goal"], place=place
        )
        for at, touchpoint in enumerate(stage["touchpoints"]):
            content = {name: value for name, value in touchpoint.items() if name != "name"}
            point = PeerTouchpoint.objects.create(
                stage=row, name=touchpoint["name"], content=content, place=at
            )
            for kpi in range(KPIS_A_TOUCHPOINT):
                made = PeerKpi.objects.create(touchpoint=point, name=f"Visitors {kpi}", unit="count")
                _peer_readings(made, number)
                number += 1
    return int(found.pk)


def _peer_readings(kpi: PeerKpi, number: int) -> None:
    now = datetime.now(UTC)
    PeerReading.objects.bulk_create(
        PeerReading(
            kpi=kpi, start_at=start, end_at=end, value=Decimal(_value(number, place)), recorded_at=now
        )
        for place, (start, end) in enumerate(_periods())
    )
