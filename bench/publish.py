"""Publishing an edit of one touchpoint of 64: time against row history, disk against snapshots.

The peer saves one touchpoint through django-simple-history: one row and one row of history, and no
validation of a document. Ours loads the draft, validates it, publishes, answers which elements stayed.
Disk is what the tables and their indexes grew by, after VACUUM.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from django.db import connections, transaction

from bench.ground import Ground, document, make_ground, request, scalar
from bench.live import post
from bench.measure import Row, interleaved
from bench.peers.models import PeerMap, PeerSnapshot, PeerStage, PeerTouchpoint

MAP = "bench-publish"
VERSIONS = 200
OURS = ("version", "body", "element", "draft", "event")


def rows() -> Iterator[Row]:
    ground = make_ground("bench publish")
    post(ground, "/v1/journey-maps", {"key": MAP, "document": document("Bench")})
    _publish(ground)
    touchpoint = _peer_touchpoint()
    edits = itertools.count(1)

    def ours() -> None:
        _edit(ground, next(edits))
        _publish(ground)

    def edit_only() -> None:
        _edit(ground, next(edits))

    def peer() -> None:
        with transaction.atomic():
            touchpoint.content = {**touchpoint.content, "owner": f"Team {next(edits)}"}
            touchpoint.save()

    spent = interleaved({"ours": ours, "edit": edit_only, "peer": peer}, repeats=20)
    publishing = spent["ours"] - spent["edit"]
    yield Row(
        "publishing an edit of one touchpoint against django-simple-history",
        publishing / spent["peer"],
        "<= 0.6",
        f"{publishing:.2f} ms publish over HTTP frame, {spent['edit']:.2f} ms saving the draft, "
        f"{spent['peer']:.2f} ms peer in process",
    )
    yield _disk(ground, ours)


def _disk(ground: Ground, publish: Any) -> Row:
    before = _size(OURS[:2])
    for _ in range(VERSIONS):
        publish()
    ours = (_size(OURS[:2]) - before) / VERSIONS
    kept = PeerMap.objects.create(name="snapshots")
    before = _size(("peer_snapshot",))
    for number in range(VERSIONS):
        whole = document("Bench")
        whole["stages"][0]["touchpoints"][0]["owner"] = f"Team {number}"
        PeerSnapshot.objects.create(map=kept, number=number, document=whole)
    peer = (_size(("peer_snapshot",)) - before) / VERSIONS
    return Row(
        "disk per version against JSONB snapshots, after VACUUM",
        ours / peer,
        "<= 0.15",
        f"{ours:.0f} B ours, {peer:.0f} B snapshots, {VERSIONS} versions",
    )


def _size(tables: tuple[str, ...]) -> int:
    with connections["owner"].cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM {table}")
    return int(sum(scalar("SELECT pg_total_relation_size(%s::regclass)", [table]) for table in tables))


def _draft(ground: Ground) -> tuple[str, dict[str, Any]]:
    _, headers, body = request(ground, "GET", f"/v1/journey-maps/{MAP}/draft")
    return headers["ETag"], json.loads(body)


def _edit(ground: Ground, number: int) -> None:
    path = f"/v1/journey-maps/{MAP}/draft/touchpoints/t-0-0"
    _, headers, _ = request(ground, "GET", path)
    body = json.dumps({"owner": f"Team {number}"}).encode()
    status, _, answer = request(
        ground, "PATCH", path, body, if_match=headers["ETag"], content_type="application/merge-patch+json"
    )
    assert status == 200, answer


def _publish(ground: Ground) -> None:
    _, headers, _ = request(ground, "GET", f"/v1/journey-maps/{MAP}/draft")
    post(ground, f"/v1/journey-maps/{MAP}/versions", {"message": "edit"}, if_match=headers["ETag"])


def _peer_touchpoint() -> PeerTouchpoint:
    found = PeerMap.objects.create(name="history")
    touchpoints = []
    for place, stage in enumerate(document("Bench")["stages"]):
        row = PeerStage.objects.create(
            map=found, name=stage["name"], goal=stage["customer_goal"], place=place
        )
        for at, touchpoint in enumerate(stage["touchpoints"]):
            content = {name: value for name, value in touchpoint.items() if name != "name"}
            touchpoints.append(
                PeerTouchpoint.objects.create(stage=row, name=touchpoint["name"], content=content, place=at)
            )
    return touchpoints[0]
