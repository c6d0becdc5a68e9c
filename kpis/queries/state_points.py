"""The points of bindings: of the series that they select, summed over labels, or worked out of KPIs'."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kpis.queries.figures_held import asked_for, holding, is_held, reach_further
from kpis.queries.points import Range, SeriesRef, Told, load_points
from kpis.queries.points_plan import Clocks
from kpis.queries.state_courses import course, leaves, sides
from kpis.queries.state_own import OwnPoints, own_looks, ref_of, told_by
from kpis.queries.state_rules import Meaning
from kpis.queries.state_series import Selected, SelectedSeries
from kpis.series.definition import Definition
from kpis.series.derived import Courses
from kpis.series.point import Point

# The running and the settling periods come on top of the sixty that are judged.
JUDGED = 64


def points_of_subjects(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    as_of: datetime,
    known_at: datetime | None,
    within: Range | None = None,
    limit: int = JUDGED,
    told: Mapping[int, Told] | None = None,
) -> list[list[Point]]:
    """Return the points of each binding, oldest first, in their order: the last ones, or those of a range.

    A series is asked for once per definition that its points are worked out by: what is made of KPIs
    by the month asks for theirs by the month. Each round of series is three statements, whatever their
    number, and two more say what was told of other periods in the KPIs' own. told: as of `load_points`.
    """
    held = holding(
        workspace_id=workspace_id,
        meant=meant,
        kpi_ids=_every_kpi(chosen, meant),
        until=as_of,
        known_at=known_at,
    )
    asked, most = within, limit
    if held is not None:
        asked, most = reach_further(within, limit, _kinds(chosen, meant))
    rounds = _rounds(chosen, meant)
    rounds.load(
        workspace_id=workspace_id, as_of=as_of, known_at=known_at, within=asked, limit=most, told=told
    )
    clocks = Clocks(as_of, known_at)
    rounds.load_own(workspace_id=workspace_id, chosen=chosen, meant=meant, clocks=clocks)
    courses = [rounds.tellable(place, course(one, meant, rounds, held)) for place, one in enumerate(chosen)]
    if held is None:
        return courses
    return [
        list(asked_for(meant[one.term.kpi_id].definition, points, within, limit))
        for one, points in zip(chosen, courses, strict=True)
    ]


def leaves_of_subjects(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    as_of: datetime,
    known_at: datetime | None,
    within: Range,
    limit: int,
) -> list[Courses]:
    """Return the points in a range of the KPIs that each binding's KPI is made of, by their labels.

    limit: of instants at most so many, the latest.
    """
    rounds = _rounds(chosen, meant)
    rounds.load(
        workspace_id=workspace_id, as_of=as_of, known_at=known_at, within=within, limit=limit, told=None
    )
    clocks = Clocks(as_of, known_at)
    rounds.load_own(workspace_id=workspace_id, chosen=chosen, meant=meant, clocks=clocks)
    return [leaves(one, meant, rounds, None) for one in chosen]


def _every_kpi(chosen: Sequence[Selected], meant: Mapping[uuid.UUID, Meaning]) -> set[uuid.UUID]:
    """The KPIs that are asked for, and those with readings that they are made of."""
    asked = {one.term.kpi_id for one in chosen}
    return asked | {leaf for kpi_id in asked for leaf in meant[kpi_id].made.leaves}


def _kinds(chosen: Sequence[Selected], meant: Mapping[uuid.UUID, Meaning]) -> set[str]:
    """The periods of what is held against bands."""
    every = (meant[kpi_id] for kpi_id in _every_kpi(chosen, meant))
    return {one.definition.period for one in every if one.definition.period is not None and is_held(one)}


def _rounds(chosen: Sequence[Selected], meant: Mapping[uuid.UUID, Meaning]) -> _Rounds:
    rounds = _Rounds()
    for one in chosen:
        for side, meaning, by in sides(one, meant):
            rounds.add(side, meaning, by)
    return rounds


class _Rounds:
    """Series to load, in as many rounds as the same series is wanted by different definitions."""

    def __init__(self) -> None:
        self._wanted: dict[SeriesRef, None] = {}
        self._points: dict[SeriesRef, Sequence[Point]] = {}
        self._own = OwnPoints()

    def add(self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None) -> None:
        for one in side:
            self._wanted[ref_of(one, told_by(meaning, one.measure, by))] = None

    def load(
        self,
        *,
        workspace_id: uuid.UUID,
        as_of: datetime,
        known_at: datetime | None,
        within: Range | None,
        limit: int,
        told: Mapping[int, Told] | None,
    ) -> None:
        rounds: list[dict[int, SeriesRef]] = []
        for ref in self._wanted:
            free = next((asked for asked in rounds if ref.id not in asked), None)
            if free is None:
                rounds.append(free := {})
            free[ref.id] = ref
        for asked in rounds:
            points = load_points(
                workspace_id=workspace_id,
                series=asked.values(),
                as_of=as_of,
                known_at=known_at,
                limit=limit,
                within=within,
                told=told,
            )
            self._points |= {ref: points[ref.id] for ref in asked.values()}

    def of(
        self, side: Iterable[SelectedSeries], meaning: Meaning, by: Definition | None
    ) -> dict[int, Sequence[Point]]:
        return {one.id: self._points[ref_of(one, told_by(meaning, one.measure, by))] for one in side}

    def load_own(
        self,
        *,
        workspace_id: uuid.UUID,
        chosen: Sequence[Selected],
        meant: Mapping[uuid.UUID, Meaning],
        clocks: Clocks,
    ) -> None:
        """Look at what is loaded in the KPIs' own periods as well, where something is said in these."""
        for place, one in enumerate(chosen):
            for side in sides(one, meant):
                looks = list(own_looks(*side))
                if looks:
                    self._own.look(place, looks, self.of(*side).values())
        self._own.load(workspace_id=workspace_id, clocks=clocks)

    def own(self, one: SelectedSeries, definition: Definition) -> Sequence[Point]:
        return self._own.of(one, definition)

    def tellable(self, place: int, points: list[Point]) -> list[Point]:
        return self._own.tellable(place, points)
