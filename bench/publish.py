"""Publishing an edit of one touchpoint of 64, in process: time against row history, disk against snapshots.

Ours is the action that makes a version: rules of publishing, content addressed bodies, manifest, event. The
peer reads its touchpoint and map and saves both, as a new version of the map, and django-simple-history
writes their rows of history: no document, no rules, no event. Both run in a transaction of a workspace and
commit durably. What the endpoint adds for bindings, which the peer does not have, is told beside it.
Disk is what tables and indexes grew by, after VACUUM.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from django.db import connections

from bench.ground import Ground, document, make_ground, scalar
from bench.live import post
from bench.measure import Row, Work, interleaved_prepared
from bench.peers.models import PeerMap, PeerSnapshot, PeerStage, PeerTouchpoint
from journeys.actions import change_element, publish_draft
from journeys.models import JourneyMap
from kpis.actions.publishing import publish_with_bindings
from service.credentials import Caller
from service.tenancy import workspace_transaction

MAP = "bench-publish"
VERSIONS = 200
OURS = ("version", "body")


def rows() -> Iterator[Row]:
    ground = make_ground("bench publish")
    map_id = uuid.UUID(post(ground, "/v1/journey-maps", {"key": MAP, "document": document("Bench")})["id"])
    touchpoint = _peer_touchpoint()
    edits = itertools.count(1)
    _publish(ground, _edit(ground, map_id, next(edits)))

    def edited(publish: Callable[[Ground, JourneyMap], None]) -> Work:
        # The edit is made before the clock starts; what is measured is its publishing.
        return partial(publish, ground, _edit(ground, map_id, next(edits)))

    spent = interleaved_prepared(
        {
            "publish": lambda: edited(_publish),
            "with bindings": lambda: edited(_publish_with_bindings),
            "edit": lambda: lambda: _edit(ground, map_id, next(edits)),
            "peer": lambda: lambda: _save_peer(ground, touchpoint, next(edits)),
        },
        repeats=20,
    )
    yield Row(
        "publishing an edit of one touchpoint against django-simple-history",
        spent["publish"] / spent["peer"],
        "<= 0.6",
        f"{spent['publish']:.2f} ms publish, {spent['peer']:.2f} ms peer; "
        f"{spent['with bindings']:.2f} ms with bindings, {spent['edit']:.2f} ms saving the draft before",
    )

    def whole() -> None:
        _publish(ground, _edit(ground, map_id, next(edits)))

    yield _disk(whole)


def _save_peer(ground: Ground, touchpoint: int, number: int) -> None:
    with workspace_transaction(ground.workspace.id):
        row = PeerTouchpoint.objects.get(pk=touchpoint)
        row.content = {**row.content, "owner": f"Team {number}"}
        row.save()
        whole = PeerMap.objects.get(stages__touchpoints=row)
        whole.version = number
        whole.save()


def _disk(publish: Work) -> Row:
    before = _size(OURS)
    for _ in range(VERSIONS):
        publish()
    ours = (_size(OURS) - before) / VERSIONS
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


def _edit(ground: Ground, map_id: uuid.UUID, number: int) -> JourneyMap:
    with workspace_transaction(ground.workspace.id):
        journey_map = JourneyMap.objects.get(pk=map_id)
        change_element(
            journey_map=journey_map,
            kind="touchpoint",
            ref="t-0-0",
            patch={"owner": f"Team {number}"},
            at=datetime.now(UTC),
        )
    return journey_map


def _publish(ground: Ground, journey_map: JourneyMap) -> None:
    with workspace_transaction(ground.workspace.id):
        publish_draft(journey_map=journey_map, caller=_caller(ground), at=datetime.now(UTC))


def _publish_with_bindings(ground: Ground, journey_map: JourneyMap) -> None:
    at = datetime.now(UTC)
    with workspace_transaction(ground.workspace.id):
        publish_with_bindings(
            journey_map=journey_map,
            publish=partial(publish_draft, journey_map=journey_map, caller=_caller(ground), at=at),
            on_orphan=None,
            at=at,
        )


def _caller(ground: Ground) -> Caller:
    return Caller(ground.workspace.id, ground.workspace.id, "api_key", "bench", frozenset(), None)


def _peer_touchpoint() -> int:
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
    return int(touchpoints[0].pk)
