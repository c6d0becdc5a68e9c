"""What waits to be confirmed: the series with suspect readings, and the figures of whole periods.

No figure is stored: those of the last periods are worked out, label set by label set, as many at
once as a page may cost.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from kpis.models import Binding, Kpi, KpiRevision, Series
from kpis.queries.bindings import Term
from kpis.queries.figures import WaitingFigure, waiting_of
from kpis.queries.figures_held import is_held
from kpis.queries.points import LIMIT, Range
from kpis.queries.points_plan import Clocks
from kpis.queries.sql import fetch
from kpis.queries.state_points import points_of_subjects
from kpis.queries.state_rules import Meaning, meanings
from kpis.queries.state_series import select_series
from kpis.series.figure_id import FigureRef
from kpis.series.labels import labels_key, selects

_SERIES = """
SELECT s.id, s.labels::text FROM series s
JOIN kpi k ON k.workspace_id = s.workspace_id AND k.id = s.kpi_id AND k.archived_at IS NULL
WHERE s.workspace_id = %(workspace)s AND s.id IN (
  SELECT r.series_id FROM reading r WHERE r.workspace_id = %(workspace)s AND r.suspect
)
ORDER BY s.id
"""
_KPIS, _SUBJECTS, _MOST_SUBJECTS = 50, 100, 500
_BEGINNING, _END = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_labels = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures: of one KPI (None: of all that are not archived), of these labels, that end in
    [since, until], of the last sixty periods of each label set before `until`."""

    kpi_id: uuid.UUID | None
    selector: Mapping[str, str] | None
    since: datetime | None
    until: datetime | None
    clocks: Clocks


class _Subject(msgspec.Struct, frozen=True, gc=False):
    kpi_id: uuid.UUID
    labels: Mapping[str, str]

    @property
    def order(self) -> tuple[uuid.UUID, str]:
        return self.kpi_id, labels_key(self.labels)

    @property
    def beginning(self) -> FigureRef:
        """A place in the list before all figures of it."""
        return FigureRef(self.kpi_id, self.labels, _BEGINNING, _END, Decimal(0))


def suspect_series(workspace_id: uuid.UUID, selector: Mapping[str, str] | None) -> list[int]:
    """Return the series of KPIs that are not archived of which a reading ever was suspect, by id."""
    rows = fetch(_SERIES, {"workspace": workspace_id})
    return [
        series for series, labels in rows if selector is None or selects(selector, _labels.decode(labels))
    ]


def waiting_figures(
    *, workspace_id: uuid.UUID, wanted: Wanted, at_or_after: FigureRef | None, limit: int
) -> tuple[list[WaitingFigure], FigureRef | None]:
    """Return at most `limit` figures from a place in the list on, and the place that follows, if any does.

    In the order of KPIs' ids, labels and time. There may be fewer before that place: so many label sets are
    looked at, and no more.
    """
    found: list[WaitingFigure] = []
    looked = 0
    for some, meant in _subjects(workspace_id, wanted, at_or_after):
        if looked >= _MOST_SUBJECTS:
            return found, some[0].beginning
        looked += len(some)
        for one in _figures(workspace_id, wanted, some, meant):
            if at_or_after is not None and _order(one.ref) < _order(at_or_after):
                continue
            if len(found) == limit:
                return found, one.ref
            found.append(one)
    return found, None


def _order(ref: FigureRef) -> tuple[uuid.UUID, str, datetime]:
    return ref.kpi_id, labels_key(ref.labels), ref.start


def _subjects(
    workspace_id: uuid.UUID, wanted: Wanted, start: FigureRef | None
) -> Iterator[tuple[Sequence[_Subject], Mapping[uuid.UUID, Meaning]]]:
    """Yield label sets of KPIs with bands for whole periods, some at a time."""
    banded = _banded(workspace_id, wanted, start)
    for begin in range(0, len(banded), _KPIS):
        kpi_ids = banded[begin : begin + _KPIS]
        meant = meanings(
            workspace_id=workspace_id,
            kpi_ids=kpi_ids,
            as_of=wanted.clocks.as_of,
            known_at=wanted.clocks.known_at,
        )
        held = [kpi_id for kpi_id in kpi_ids if is_held(meant[kpi_id])]
        known = _label_sets(workspace_id, held, meant)
        every = [
            _Subject(kpi_id, labels)
            for kpi_id in held
            for _, labels in sorted(known[kpi_id].items())
            if wanted.selector is None or selects(wanted.selector, labels)
        ]
        after = None if start is None else (start.kpi_id, labels_key(start.labels))
        every = [one for one in every if after is None or one.order >= after]
        for first in range(0, len(every), _SUBJECTS):
            yield every[first : first + _SUBJECTS], meant


def _banded(workspace_id: uuid.UUID, wanted: Wanted, start: FigureRef | None) -> list[uuid.UUID]:
    """The KPIs whose current revision has a band, by id, which is how they are listed."""
    rows = KpiRevision.objects.filter(workspace_id=workspace_id, definition__plausibility__isnull=False)
    rows = rows.exclude(definition__plausibility=None)
    current = {(kpi_id, number) for kpi_id, number in rows.values_list("kpi_id", "number")}
    kpis = Kpi.objects.filter(workspace_id=workspace_id, archived_at=None)
    if wanted.kpi_id is not None:
        kpis = Kpi.objects.filter(workspace_id=workspace_id, id=wanted.kpi_id)
    return [
        kpi_id
        for kpi_id, number in kpis.order_by("id").values_list("id", "revision")
        if (kpi_id, number) in current and (start is None or kpi_id >= start.kpi_id)
    ]


def _label_sets(
    workspace_id: uuid.UUID, kpi_ids: Collection[uuid.UUID], meant: Mapping[uuid.UUID, Meaning]
) -> dict[uuid.UUID, dict[str, dict[str, str]]]:
    """The label sets of each KPI by their canonical texts; of one made of KPIs those that all of these have,
    and what its bindings select."""
    leaves = {leaf for kpi_id in kpi_ids for leaf in meant[kpi_id].made.leaves}
    rows = Series.objects.filter(workspace_id=workspace_id, kpi_id__in=leaves)
    of_leaf: dict[uuid.UUID, dict[str, dict[str, str]]] = defaultdict(dict)
    for leaf, key, labels in rows.values_list("kpi_id", "labels_key", "labels"):
        of_leaf[leaf][key] = labels
    found: dict[uuid.UUID, dict[str, dict[str, str]]] = {}
    for kpi_id in kpi_ids:
        first, *others = (of_leaf[leaf] for leaf in meant[kpi_id].made.leaves)
        found[kpi_id] = {key: one for key, one in first.items() if all(key in other for other in others)}
    made = [kpi_id for kpi_id in kpi_ids if meant[kpi_id].made.steps]
    bound = Binding.objects.filter(workspace_id=workspace_id, kpi_id__in=made, archived_at=None)
    for kpi_id, selector in bound.values_list("kpi_id", "selector"):
        found[kpi_id][labels_key(selector)] = selector
    return found


def _figures(
    workspace_id: uuid.UUID, wanted: Wanted, some: Sequence[_Subject], meant: Mapping[uuid.UUID, Meaning]
) -> Iterator[WaitingFigure]:
    terms = [Term(one.kpi_id, one.kpi_id, one.kpi_id, None, one.labels, "", None, 0) for one in some]
    within = None if wanted.until is None else Range(None, wanted.until)
    courses = points_of_subjects(
        workspace_id=workspace_id,
        chosen=select_series(workspace_id=workspace_id, terms=terms, meant=meant, seen_for={}),
        meant=meant,
        as_of=wanted.clocks.as_of,
        known_at=wanted.clocks.known_at,
        within=within,
        limit=LIMIT,
    )
    for one, points in zip(some, courses, strict=True):
        for point in points:
            if wanted.since is not None and point.end < wanted.since:
                continue
            if wanted.until is not None and point.end > wanted.until:
                continue
            figure = waiting_of(one.kpi_id, one.labels, meant[one.kpi_id], point)
            if figure is not None:
                yield figure
