"""Publishing an edit of one touchpoint of 64, in process: time against row history, disk against snapshots.

Ours is the action that makes a version: rules of publishing, content addressed bodies, manifest, event. The
peers read their touchpoint and map and save both, as a new version of the map: django-simple-history writes
their rows of history, django-pghistory lets triggers do that, django-reversion keeps the whole map that the
revision follows. No document, no rules, no event. All run in a transaction of a workspace and commit durably.
What the endpoint adds for bindings (24 of them here), which no peer has, has a row of its own, and the whole
request is told beside it. Disk is what tables and indexes grew by, after VACUUM.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pghistory
import reversion
from django.db import connections

from bench.ground import Ground, document, make_ground, scalar
from bench.live import post
from bench.measure import Row, Work, interleaved_prepared
from bench.peers.histories import (
    EventMap,
    EventStage,
    EventTouchpoint,
    RevisionMap,
    RevisionStage,
    RevisionTouchpoint,
)
from bench.peers.models import PeerMap, PeerSnapshot, PeerStage, PeerTouchpoint
from journeys.actions import change_element, publish_draft
from journeys.models import JourneyMap
from kpis.actions.publishing import publish_with_bindings
from service.credentials import Caller
from service.tenancy import workspace_transaction

MAP = "bench-publish"


@dataclass(frozen=True)
class Peer:
    """Three tables, and what has to be around a save for its history to be kept."""

    map: Any
    stage: Any
    touchpoint: Any
    history: Callable[[], AbstractContextManager[Any]] = nullcontext


PEERS = {
    "simple-history": Peer(PeerMap, PeerStage, PeerTouchpoint),
    "pghistory": Peer(EventMap, EventStage, EventTouchpoint, partial(pghistory.context, author="bench")),
    "reversion": Peer(RevisionMap, RevisionStage, RevisionTouchpoint, reversion.create_revision),
}
VERSIONS = 200
OURS = ("version", "body")


def rows() -> Iterator[Row]:
    ground = make_ground("bench publish")
    map_id = uuid.UUID(post(ground, "/v1/journey-maps", {"key": MAP, "document": document("Bench")})["id"])
    edits = itertools.count(1)
    publish(ground, edit(ground, map_id, next(edits)))
    _bind(ground)
    peers = {name: partial(save_peer, ground, kind, peer_map(kind)) for name, kind in PEERS.items()}

    def edited(work: Callable[[Ground, JourneyMap], None]) -> Work:
        # The edit is made before the clock starts; what is measured is its publishing.
        return partial(work, ground, edit(ground, map_id, next(edits)))

    spent = interleaved_prepared(
        {
            "publish": lambda: edited(publish),
            "with bindings": lambda: edited(_publish_with_bindings),
            "request": lambda: edited(_publish_by_request),
            "edit": lambda: lambda: edit(ground, map_id, next(edits)),
            **{name: partial(_numbered, save, edits) for name, save in peers.items()},
        },
        rounds=7,
        repeats=20,
    )
    told = f"{spent['publish']:.2f} ms publish"
    for name, must in (("simple-history", "<= 0.6"), ("pghistory", "<= 0.9"), ("reversion", "<= 0.1")):
        yield Row(
            f"publishing an edit of one touchpoint against django-{name}",
            spent["publish"] / spent[name],
            must,
            f"{told}, {spent[name]:.2f} ms peer; {spent['edit']:.2f} ms saving the draft before",
        )
    yield Row(
        "the same with 24 bindings kept, against django-simple-history, which has none",
        spent["with bindings"] / spent["simple-history"],
        "<= 0.6",
        f"{spent['with bindings']:.2f} ms; {spent['request']:.2f} ms the whole request, all layers",
    )

    def whole() -> None:
        publish(ground, edit(ground, map_id, next(edits)))

    yield _disk(whole)


def _numbered(save: Callable[[int], None], numbers: Iterator[int]) -> Work:
    return partial(save, next(numbers))


def save_peer(ground: Ground, kind: Peer, touchpoint: int, number: int) -> None:
    with workspace_transaction(ground.workspace.id), kind.history():
        row = kind.touchpoint.objects.get(pk=touchpoint)
        row.content = {**row.content, "owner": f"Team {number}"}
        row.save()
        whole = kind.map.objects.get(stages__touchpoints=row)
        whole.version = number
        whole.save()


def _bind(ground: Ground) -> None:
    post(ground, "/v1/kpis", {"key": "visitors", "name": "Visitors", "kind": "count", "period": "day"})
    touchpoints = [t["key"] for stage in document("Bench")["stages"] for t in stage["touchpoints"]]
    for touchpoint in touchpoints[:24]:
        post(ground, f"/v1/journey-maps/{MAP}/bindings", {"kpi": "visitors", "element": touchpoint})


def _publish_by_request(ground: Ground, journey_map: JourneyMap) -> None:
    post(ground, f"/v1/journey-maps/{journey_map.pk}/versions", {}, if_match="*")


def _disk(make_version: Work) -> Row:
    before = _size(OURS)
    for _ in range(VERSIONS):
        make_version()
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


def edit(ground: Ground, map_id: uuid.UUID, number: int) -> JourneyMap:
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


def publish(ground: Ground, journey_map: JourneyMap) -> None:
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


def peer_map(kind: Peer) -> int:
    """Store the map as a peer would; return its first touchpoint."""
    found = kind.map.objects.create(name="history")
    touchpoints = []
    for place, stage in enumerate(document("Bench")["stages"]):
        row = kind.stage.objects.create(
            map=found, name=stage["name"], goal=stage["customer_goal"], place=place
        )
        for at, touchpoint in enumerate(stage["touchpoints"]):
            content = {name: value for name, value in touchpoint.items() if name != "name"}
            touchpoints.append(
                kind.touchpoint.objects.create(stage=row, name=touchpoint["name"], content=content, place=at)
            )
    return int(touchpoints[0].pk)
