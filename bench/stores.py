"""Databases that hold so many million readings, side by side on one server, each with nothing else beside it.

Half the readings are hourly figures, of which one in 25 was corrected a day later; half are single events of
the last year, which have rollups of their days. As many series in each store: what grows is the time that
figures go back (8 days at 1M, 400 at 50M) and how dense events are (200 a series and year, 10,000).
They are put in by SQL in the order of time, into the tables and partitions that the service reads. The
smallest store's keys stand while it is filled, as in life; the others' are made again afterwards. At the end
the keys that are read from are in the server's memory, whatever the size: a page that is not costs what the
disk costs, once for each series.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connections

from bench.databases import as_owner, drop_copies, make_copies, on_database
from bench.filling import fill, warm
from bench.ground import make_ground
from bench.live import post
from kpis.models.definitions import Series
from kpis.queries.definitions import definition_now
from kpis.queries.definitions import kpi as find_kpi
from kpis.queries.points import SeriesRef
from service.tenancy import workspace_transaction

KPIS, LABELS = 25, 100
SERIES = KPIS * LABELS  # of figures, and as many of events
KINDS: dict[str, dict[str, str]] = {
    "figures": {"kind": "count", "period": "hour"},
    "events": {"kind": "count", "period": "day", "holds": "events"},
}
_SIZES = """
SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)),
       pg_total_relation_size('reading_key'), pg_total_relation_size('rollup_day')
FROM pg_partition_tree('reading') WHERE isleaf
"""


@dataclass(frozen=True)
class Store:
    """A database with `readings` readings up to `at`; series by kind (KINDS), sizes in bytes."""

    millions: int
    database: str
    workspace_id: uuid.UUID
    at: datetime
    since: datetime
    series: dict[str, list[SeriesRef]]
    readings: int
    table_size: int
    keys_size: int
    external_size: int
    rollups_size: int

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Within this block, the service's connection is one to this database, in the workspace."""
        with on_database(self.database), workspace_transaction(self.workspace_id):
            yield


@contextmanager
def filled_stores(sizes: Sequence[int]) -> Iterator[list[Store]]:
    """Yield a store for each size, in millions; they are dropped at the end of the block."""
    own = connections["owner"].settings_dict["NAME"]
    names = {millions: f"{own}_{millions}m" for millions in sizes}
    try:
        make_copies(names.values())
        stores = [
            _filled(millions, name, grown=millions == min(sizes), at=datetime.now(UTC))
            for millions, name in names.items()
        ]
        for store in reversed(stores):
            with on_database(store.database):
                warm(workspace_id=store.workspace_id, series=store.series, at=store.at)
        yield stores
    finally:
        drop_copies(names.values())


def _filled(millions: int, database: str, *, grown: bool, at: datetime) -> Store:
    at = at.replace(minute=0, second=0, microsecond=0)
    with on_database(database):
        ground = make_ground(f"bench {millions}M")
        series: dict[str, list[SeriesRef]] = {}
        for kind, terms in KINDS.items():
            for number in range(KPIS):
                key = f"{kind}-{number}"
                post(ground, "/v1/kpis", {"key": key, "name": key, **terms})
            series[kind] = _make_series(ground.workspace.id, kind, at)
        each = millions * 500_000 // SERIES
        since = fill(workspace_id=ground.workspace.id, series=series, each=each, at=at, grown=grown)
        ((count,),) = as_owner("SELECT count(*) FROM reading")
        (sizes,) = as_owner(_SIZES)
        return Store(millions, database, ground.workspace.id, at, since, series, count, *map(int, sizes))


def _make_series(workspace_id: uuid.UUID, kind: str, at: datetime) -> list[SeriesRef]:
    made: list[SeriesRef] = []
    with workspace_transaction(workspace_id):
        for number in range(KPIS):
            row = find_kpi(workspace_id, f"{kind}-{number}")
            definition = definition_now(row)
            rows = Series.objects.bulk_create(
                Series(
                    workspace_id=workspace_id,
                    kpi_id=row.id,
                    revision=row.revision,
                    labels={"segment": f"s-{label}"},
                    labels_key=f'{{"segment":"s-{label}"}}',
                    told_at=at,
                    created_at=at,
                )
                for label in range(LABELS)
            )
            made += [SeriesRef(one.id, one.revision, definition) for one in rows]
    return made
