"""Two versions compared, and old versions read, of 200 that differ in one touchpoint each.

Nothing is cached: ours reads the bodies that a version lists. `diff_against` compares the rows that
django-simple-history has of the two instants, where they are not the same. A snapshot is a version stored
whole in a JSONField, read by its key and written as the JSON that is sent, which is what ours comes to, too;
beside it, what the database needs to send the bare text of one.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from bench.ground import Ground, document, make_ground
from bench.live import post
from bench.measure import Row, interleaved
from bench.peers.models import PeerMap, PeerSnapshot, PeerTouchpoint
from bench.publish import PEERS, edit, peer_map, publish, save_peer
from journeys import queries
from journeys.document.bodies import assemble
from journeys.models import JourneyMap, Version
from journeys.queries import Moment
from journeys.serializers.differences import difference
from service.renderers import encode
from service.tenancy import workspace_transaction

VERSIONS = 200
OLD, NEW = 100, 101


def rows() -> Iterator[Row]:
    ground = make_ground("bench history")
    made = post(ground, "/v1/journey-maps", {"key": "bench-history", "document": document("Bench")})
    map_id = uuid.UUID(made["id"])
    edits = itertools.count(1)
    for _ in range(VERSIONS):
        publish(ground, edit(ground, map_id, next(edits)))
    yield from _read(ground, map_id)
    yield _compared(ground, map_id)


def _read(ground: Ground, map_id: uuid.UUID) -> Iterator[Row]:
    kept = PeerMap.objects.create(name="snapshots")
    for number in range(1, VERSIONS + 1):
        PeerSnapshot.objects.create(map=kept, number=number, document=document("Bench"))
    first, last = _version(ground, map_id, 1), _version(ground, map_id, VERSIONS)
    spent = interleaved(
        {
            "first": lambda: _rebuilt(ground, first),
            "last": lambda: _rebuilt(ground, last),
            "snapshot": lambda: _snapshot(ground, kept.pk, VERSIONS),
            "text": lambda: _text(ground, kept.pk, VERSIONS),
        },
        repeats=40,
    )
    told = f"{spent['first']:.2f} ms the first, {spent['last']:.2f} ms the last of {VERSIONS}"
    for name in ("first", "last"):
        yield Row(
            f"the {name} version put together against reading one JSONB snapshot",
            spent[name] / spent["snapshot"],
            "<= 1.5",
            f"{told}, {spent['snapshot']:.2f} ms the snapshot, {spent['text']:.2f} ms its bare text",
        )
    apart = max(spent["first"], spent["last"]) / min(spent["first"], spent["last"])
    yield Row("the first and the last version against each other", apart, "<= 1.3", told)


def _compared(ground: Ground, map_id: uuid.UUID) -> Row:
    kind = PEERS["simple-history"]
    touchpoint = peer_map(kind)
    instants = {}
    for number in range(1, VERSIONS + 1):
        save_peer(ground, kind, touchpoint, number)
        instants[number] = datetime.now(UTC)
    of_map = PeerTouchpoint.objects.get(pk=touchpoint).stage.map_id
    spent = interleaved(
        {
            "ours": lambda: _changed(ground, map_id),
            "peer": lambda: _changed_rows(ground, of_map, instants),
        }
    )
    return Row(
        "what changed between two versions against django-simple-history's diff_against",
        spent["ours"] / spent["peer"],
        "<= 0.2",
        f"{spent['ours']:.2f} ms ours, {spent['peer']:.2f} ms peer",
    )


def _version(ground: Ground, map_id: uuid.UUID, number: int) -> Version:
    with workspace_transaction(ground.workspace.id):
        return queries.version_of(JourneyMap(id=map_id, workspace_id=ground.workspace.id), str(number))


def _rebuilt(ground: Ground, version: Version) -> bytes:
    with workspace_transaction(ground.workspace.id):
        return assemble(queries.version_manifest(version))


def _snapshot(ground: Ground, map_id: int, number: int) -> bytes:
    with workspace_transaction(ground.workspace.id):
        return encode(PeerSnapshot.objects.get(map=map_id, number=number).document)


def _text(ground: Ground, map_id: int, number: int) -> bytes:
    with workspace_transaction(ground.workspace.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT document::text FROM peer_snapshot WHERE map_id = %s AND number = %s", [map_id, number]
        )
        return str(cursor.fetchall()[0][0]).encode()


def _changed(ground: Ground, map_id: uuid.UUID) -> int:
    journey_map = JourneyMap(id=map_id, workspace_id=ground.workspace.id)
    with workspace_transaction(ground.workspace.id):
        old, new = (Moment(journey_map, version=queries.version_of(journey_map, str(n))) for n in (OLD, NEW))
        found = difference(old, new).changes
    assert [change.field for change in found] == ["owner"], found
    return len(found)


def _changed_rows(ground: Ground, map_id: int, instants: dict[int, datetime]) -> int:
    with workspace_transaction(ground.workspace.id):
        old, new = (
            {
                row.pk: row._history
                for row in PeerTouchpoint.history.as_of(instants[n]).filter(stage__map=map_id)
            }
            for n in (OLD, NEW)
        )
        found = [
            change
            for key, row in new.items()
            if row.pk != old[key].pk
            for change in row.diff_against(old[key]).changes
        ]
    assert [json.loads(json.dumps(change.new))["owner"] for change in found] == [f"Team {NEW}"], found
    return len(found)
