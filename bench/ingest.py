"""Ingest: batches of 1000 new daily figures of 50 series, 20 days each; also of 100 (two days each) and of 1.

Over HTTP against `ListSerializer` and `bulk_create`, which show their figures on no map: the row of 1000 is
of series that are all bound to a map, those of 100 and 1 are of series that no map shows, with the figure
of bound ones beside it, as a bound reading is also judged, and its map told. In process, below HTTP and
JSON, against COPY into a table of the same keys, columns and indexes, which checks nothing, judges nothing
and tells no map.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection, connections, transaction

from bench.ground import Ground, document, make_ground, request
from bench.live import post
from bench.measure import Row, Work, interleaved, interleaved_prepared
from bench.peers.models import PeerKpi, PeerMap, PeerStage, PeerTouchpoint
from kpis.actions.readings import Feed, record_readings
from kpis.series.reading_in import ReadingIn
from service.tenancy import workspace_transaction

MAP = "bench-ingest"
SERIES, DAYS = 50, 20
BEGIN = datetime(2005, 1, 1, tzinfo=UTC)  # room for some 400 batches before today
COPIED = (
    "workspace_id, series_id, start_at, end_at, key, recorded_at, value, numerator, denominator, n, retracted"
)


def rows() -> Iterator[Row]:
    ground = make_ground("bench ingest")
    _define(ground)
    unbound = make_ground("bench ingest unbound")
    _define(unbound, bound=False)
    batches = {ground: itertools.count(), unbound: itertools.count()}
    yield from _over_http(ground, unbound, batches)
    yield from _in_process(ground, unbound, batches)


Batches = Mapping[Ground, Iterator[int]]
"""The next batch of each workspace."""


def _over_http(ground: Ground, unbound: Ground, batches: Batches) -> Iterator[Row]:
    peers, peer_batches = _peer_kpis(), itertools.count()
    for size, must, repeats in ((1000, ">= 5", 5), (100, ">= 4", 10), (1, ">= 1.5", 30)):
        spent = interleaved_prepared(
            {
                "bound": partial(_ours, ground, batches[ground], size),
                "unbound": partial(_ours, unbound, batches[unbound], size),
                "peer": partial(_peer, ground, peer_batches, size, peers),
            },
            repeats=repeats,
        )
        which, other = ("bound", "unbound") if size == 1000 else ("unbound", "bound")
        yield Row(
            f"batch of {size} over HTTP against ListSerializer + bulk_create, {which} series",
            spent["peer"] / spent[which],
            must,
            f"{spent[which]:.1f} ms ours, {spent['peer']:.1f} ms peer; "
            f"{other}: {spent['peer'] / spent[other]:.2f}, {spent[other]:.1f} ms",
        )


def _ours(ground: Ground, batches: Iterator[int], size: int) -> Work:
    return partial(_post, ground, "/v1/readings/batch", _body(_items(next(batches), size)), 207)


def _peer(ground: Ground, batches: Iterator[int], size: int, kpis: list[int]) -> Work:
    return partial(_post, ground, "/peer/readings", _body(_peer_items(next(batches), kpis, size)), 201)


def _body(items: list[dict[str, Any]]) -> bytes:
    return json.dumps({"items": items}).encode()


def _in_process(ground: Ground, unbound: Ground, batches: Batches) -> Iterator[Row]:
    """The goal's row; then what is left of the distance where no map shows the series."""
    _make_copy_tables()
    copies = itertools.count()
    spent = interleaved(
        {
            "ours": lambda: _record(ground, next(batches[ground])),
            "copy": lambda: _copy("copy_peer", ground, next(copies)),
            "bare": lambda: _copy("copy_bare", ground, next(copies)),
            "unbound": lambda: _record(unbound, next(batches[unbound])),
        },
        repeats=5,
    )
    yield Row(
        "1000 readings in process against COPY into the same keys, columns and indexes",
        spent["copy"] / spent["ours"],
        ">= 0.3",
        f"{spent['ours']:.1f} ms ours, {spent['copy']:.1f} ms COPY; "
        f"{spent['bare'] / spent['ours']:.2f} of a bare keyed table",
    )
    yield Row(
        "the same where the series are bound to no map",
        spent["copy"] / spent["unbound"],
        ">= 0.3",
        f"{spent['unbound']:.1f} ms ours, {spent['copy']:.1f} ms COPY",
    )


def _make_copy_tables() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE copy_peer (LIKE reading_2024 INCLUDING ALL)")
        cursor.execute("CREATE TABLE copy_bare (LIKE reading_2024 INCLUDING DEFAULTS)")
        keys = "workspace_id, series_id, end_at, start_at, key, recorded_at"
        cursor.execute(f"ALTER TABLE copy_bare ADD PRIMARY KEY ({keys})")
        cursor.execute("GRANT ALL ON copy_peer, copy_bare TO PUBLIC")


def _day(batch: int, number: int) -> tuple[datetime, datetime]:
    # Each batch goes on where the last one stopped: every figure is new.
    start = BEGIN + timedelta(days=batch * DAYS + number)
    return start, start + timedelta(days=1)


def _value(batch: int, series: int, number: int) -> int:
    return 1000 + (batch * 7919 + series * 101 + number * 13) % 997


def _record(ground: Ground, batch: int) -> None:
    items = [
        ReadingIn(kpi=f"i-{series}", value=_value(batch, series, number), start=start, end=end)
        for series in range(SERIES)
        for number in range(DAYS)
        for start, end in [_day(batch, number)]
    ]
    with workspace_transaction(ground.workspace.id):
        outcomes = record_readings(
            workspace_id=ground.workspace.id,
            items=items,
            feed=Feed(None, None, "bench"),
            on_conflict="correct",
            at=datetime.now(UTC),
        )
    assert {outcome.status for outcome in outcomes} == {"created"}


def _copy(table: str, ground: Ground, batch: int) -> None:
    recorded_at = datetime.now(UTC)
    statement = f"COPY {table} ({COPIED}) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for series in range(SERIES):
            for number in range(DAYS):
                start, end = _day(batch, number)
                value = Decimal(_value(batch, series, number))
                copy.write_row(
                    (
                        ground.workspace.id,
                        series,
                        start,
                        end,
                        "",
                        recorded_at,
                        value,
                        None,
                        None,
                        None,
                        False,
                    )
                )


def _define(ground: Ground, *, bound: bool = True) -> None:
    post(ground, "/v1/journey-maps", {"key": MAP, "document": document("Bench")})
    touchpoints = [t["key"] for stage in document("Bench")["stages"] for t in stage["touchpoints"]]
    for series in range(SERIES):
        key = f"i-{series}"
        post(ground, "/v1/kpis", {"key": key, "name": key, "kind": "count", "period": "day"})
        if bound:
            post(ground, f"/v1/journey-maps/{MAP}/bindings", {"element": touchpoints[series], "kpi": key})


def _told(size: int) -> list[tuple[int, int]]:
    """Which series and days a batch of that size tells: spread evenly over those of a batch of 1000.

    Only these are made: a request that comes after a thousand were made finds no cache of the processor warm.
    """
    places = range(0, SERIES * DAYS, SERIES * DAYS // size)
    return [divmod(place, DAYS) for place in places]


def _items(batch: int, size: int = SERIES * DAYS) -> list[dict[str, Any]]:
    return [
        {
            "kpi": f"i-{series}",
            "value": _value(batch, series, number),
            "start": _day(batch, number)[0].isoformat(),
            "end": _day(batch, number)[1].isoformat(),
        }
        for series, number in _told(size)
    ]


def _peer_items(batch: int, kpis: list[int], size: int) -> list[dict[str, Any]]:
    recorded_at = datetime.now(UTC).isoformat()
    return [
        {
            "kpi": kpis[series],
            "value": _value(batch, series, number),
            "start_at": _day(batch, number)[0].isoformat(),
            "end_at": _day(batch, number)[1].isoformat(),
            "recorded_at": recorded_at,
        }
        for series, number in _told(size)
    ]


def _post(ground: Ground, path: str, body: bytes, expected: int) -> None:
    status, _, answer = request(ground, "POST", path, body)
    assert status == expected, answer[:500]


def _peer_kpis() -> list[int]:
    stage = PeerStage.objects.create(map=PeerMap.objects.create(name="ingest"), name="s", goal="", place=0)
    point = PeerTouchpoint.objects.create(stage=stage, name="t", content={}, place=0)
    return [PeerKpi.objects.create(touchpoint=point, name=f"i-{n}", unit="count").pk for n in range(SERIES)]
