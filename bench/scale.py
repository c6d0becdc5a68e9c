"""Reads as readings pile up: the points of 192 series, which is one map's, out of stores of several sizes.

Each read is the query that the points and live endpoints run, as the app's role under row level security, in
a transaction of its own, up to finished points; the series are others at each call. Stores take turns.
Figures are read for latest, last 30 and as of some instant of their history; a map's entries are judged as of
an instant (definitions, rules, sixty points each) as `live?as_of=` does; events are read as a daily series of
30 days from rollups, and from the readings themselves, which is what `known_at` does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from bench.measure import Row, interleaved
from bench.stores import Store, filled_stores
from kpis.models.definitions import Series
from kpis.queries.bindings import Term
from kpis.queries.points import Range, SeriesRef, load_points
from kpis.queries.state_judged import judged
from service.ids import new_id

MAP_SERIES = 192
DAYS = timedelta(days=30)
ROUNDS, REPEATS = 5, 9
ROLLED_MUST = {10: "<= 0.5", 50: "<= 0.2"}
Read = Callable[[Store, random.Random], object]


def rows(sizes: Sequence[int] = (1, 10)) -> Iterator[Row]:
    """sizes: in millions of readings, the smallest first; it is what the others are compared with."""
    with filled_stores(sorted(sizes)) as stores:
        yield from _bytes(stores)
        for name, (read, must) in READS.items():
            yield from _against_smallest(name, read, must, stores)
        for store in stores:
            yield _rolled(store)


def _against_smallest(name: str, read: Read, must: str, stores: Sequence[Store]) -> Iterator[Row]:
    spent = interleaved(
        {str(store.millions): partial(read, store, random.Random(1)) for store in stores},
        rounds=ROUNDS,
        repeats=REPEATS,
    )
    smallest = stores[0]
    base = spent[str(smallest.millions)]
    for store in stores[1:]:
        mine = spent[str(store.millions)]
        yield Row(
            f"{name} of {MAP_SERIES} series at {store.millions}M readings against {smallest.millions}M",
            mine / base,
            must,
            f"{mine:.1f} ms at {store.millions}M, {base:.1f} ms at {smallest.millions}M",
        )


def _rolled(store: Store) -> Row:
    dice = {by: random.Random(2) for by in ("rollup", "raw")}
    with store.entered():
        series = store.series["events"][:10]
        assert _daily(store, series, raw=False) == _daily(store, series, raw=True)
    spent = interleaved(
        {by: partial(_read_daily, store, own, raw=by == "raw") for by, own in dice.items()},
        rounds=ROUNDS,
        repeats=5,
    )
    a_series = store.readings // 2 // len(store.series["events"])
    return Row(
        f"daily series of 30 days from rollups against from readings, at {store.millions}M readings",
        spent["rollup"] / spent["raw"],
        ROLLED_MUST.get(store.millions, "<= 1.5"),
        f"{spent['rollup']:.1f} ms from rollups, {spent['raw']:.1f} ms from readings, "
        f"{a_series * 30 // 365} events a series",
    )


def _bytes(stores: Sequence[Store]) -> Iterator[Row]:
    """What a reading takes; where the keys grew with the readings, and where they were made afterwards."""
    smallest = stores[0]
    base = (smallest.table_size + smallest.keys_size) / smallest.readings
    events = smallest.readings // 2
    for store in stores[1:]:
        mine = (store.table_size + store.keys_size) / store.readings
        yield Row(
            f"bytes of a reading at {store.millions}M against {smallest.millions}M",
            mine / base,
            "<= 1.1",
            f"{mine:.0f} B, {store.keys_size / store.readings:.0f} of them in its keys, made afterwards; "
            f"{base:.0f} and {smallest.keys_size / smallest.readings:.0f} B at {smallest.millions}M, where "
            f"keys grew; an event's external id {smallest.external_size / events:.0f} B more; "
            f"rollups of days {store.rollups_size / 1e6:.0f} MB",
        )


def _some(series: Sequence[SeriesRef], dice: random.Random) -> list[SeriesRef]:
    return dice.sample(series, MAP_SERIES)


def _last(store: Store, dice: random.Random, *, limit: int) -> None:
    with store.entered():
        series = _some(store.series["figures"], dice)
        points = load_points(
            workspace_id=store.workspace_id, series=series, as_of=store.at, known_at=None, limit=limit
        )
    assert all(len(found) == limit for found in points.values())


def _as_of(store: Store, dice: random.Random) -> None:
    """One figure of each series at an instant somewhere in the whole of their history."""
    instant = store.since + (store.at - store.since) * dice.uniform(0.02, 1)
    with store.entered():
        series = _some(store.series["figures"], dice)
        points = load_points(
            workspace_id=store.workspace_id, series=series, as_of=instant, known_at=None, limit=1
        )
    assert all(len(found) == 1 for found in points.values())


def _map_as_of(store: Store, dice: random.Random) -> None:
    """A map's entries at an instant of the last four days: before it, every store has sixty figures."""
    instant = store.at - timedelta(days=4) * dice.random()
    with store.entered():
        found = judged(workspace_id=store.workspace_id, terms=_terms(store, dice), at=instant)
    assert len(found) == MAP_SERIES
    assert all(one.state.entry["value"] is not None for one in found)


def _terms(store: Store, dice: random.Random) -> list[Term]:
    """What is bound where it was bound long ago: bindings made now say nothing of then."""
    ids = [one.id for one in _some(store.series["figures"], dice)]
    map_id = new_id()
    return [
        Term(new_id(), map_id, one.kpi_id, None, one.labels, "", None, 0)
        for one in Series.objects.filter(id__in=ids)
    ]


def _read_daily(store: Store, dice: random.Random, *, raw: bool) -> None:
    with store.entered():
        points = _daily(store, _some(store.series["events"], dice), raw=raw)
    assert all(points.values())


def _daily(store: Store, series: Sequence[SeriesRef], *, raw: bool) -> dict[int, object]:
    known_at = store.at + timedelta(days=1) if raw else None
    within = Range(store.at - DAYS, store.at)
    found = load_points(
        workspace_id=store.workspace_id, series=series, as_of=store.at, known_at=known_at, within=within
    )
    return dict(found)


READS: dict[str, tuple[Read, str]] = {
    "latest figure": (partial(_last, limit=1), "<= 1.3"),
    "last 30 figures": (partial(_last, limit=30), "<= 1.3"),
    "figure as of an instant": (_as_of, "<= 1.7"),
    "a map's entries as of an instant": (_map_as_of, "<= 1.7"),
}
