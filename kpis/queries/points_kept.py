"""The last points of series, kept in the process that judged them last: a new reading loads only itself.

`Series.told_at` tells whether they are still true: every transaction that records readings moves it on
while it holds the series, and no two leave it the same. What is kept is never wrong, only forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

import msgspec

from kpis.queries.points_figures import told_points
from kpis.queries.points_plan import SeriesRef, period_start
from kpis.series.definition import Definition
from kpis.series.intake import Observed
from kpis.series.point import Point
from service.kept import Kept

_SERIES_KEPT = 2000
_END = attrgetter("end")


class Figures(msgspec.Struct, frozen=True, gc=False):
    """Points of new readings, each of a period of the definition that they were taken by, or of an instant;
    oldest first. revision: of the series."""

    definition: Definition
    revision: int
    points: Sequence[Point]

    @classmethod
    def of(cls, definition: Definition, revision: int, observed: Sequence[Observed]) -> Figures:
        return cls(definition, revision, sorted(told_points(definition, revision, observed), key=_END))


class Told(msgspec.Struct, frozen=True, gc=False):
    """What this transaction told of a series that it holds. before: `told_at` as it was.

    since, until: the stretch that its readings are of; None where something was taken back. figures: those
    readings, where nothing was known of any of their spans.
    """

    before: datetime | None
    since: datetime | None
    until: datetime | None
    figures: Figures | None = None


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Points that still hold. since, until: what is to be loaded after them; since None: nothing."""

    points: Sequence[Point]
    since: datetime | None
    until: datetime


class _Judged(msgspec.Struct, frozen=True, gc=False):
    """limit: of how many periods the points are at most."""

    told_at: datetime
    as_of: datetime
    points: Sequence[Point]
    limit: int


_judged: Kept[tuple[uuid.UUID, SeriesRef], _Judged] = Kept(_SERIES_KEPT)


def standing(
    workspace_id: uuid.UUID, series: SeriesRef, told: Mapping[int, Told], as_of: datetime, limit: int
) -> Standing | None:
    """Return what still holds of a series, or holds now; None where all of `limit` is to be loaded."""
    kept = _judged.get((workspace_id, series))
    now = told.get(series.id)
    token = now.before if now else series.told_at
    if kept is None or token is None or kept.told_at != token or not kept.points or kept.limit < limit:
        return None
    if now is not None and now.figures is not None and (new := _next(kept, series, now.figures, as_of)):
        return Standing([*kept.points, *new], None, new[-1].end)
    until = kept.points[-1].end
    starts: list[datetime] = []
    if now is not None:
        if now.since is None or now.until is None:
            return None
        starts.append(now.since)
        until = max(until, now.until)
    # What the running period's figure says of itself changes when the period is over.
    starts += [point.start or point.end for point in kept.points if point.end > kept.as_of]
    if not starts:
        return Standing(kept.points, None, until)
    since = period_start(series.definition, min(starts))
    first = kept.points[0]
    if since <= (first.start or first.end):
        return None
    return Standing([point for point in kept.points if _before(point, since)], since, until)


def _next(kept: _Judged, series: SeriesRef, told: Figures, as_of: datetime) -> Sequence[Point]:
    """The points of figures that follow on those kept; none where they may not be all that there is to it.

    Each is over by `as_of`, as is what was kept when it was, and of a period as the points are wanted by.
    """
    last = kept.points[-1]
    if last.end > kept.as_of or (told.definition, told.revision) != (series.definition, series.revision):
        return []
    points = told.points
    first, until = points[0], points[-1].end
    follows = first.end > last.end if first.start is None else first.start >= last.end
    return points if follows and until <= as_of else []


def is_kept(workspace_id: uuid.UUID, series: SeriesRef) -> bool:
    """Say whether points of the series are kept, true or not: something showed it."""
    return _judged.get((workspace_id, series)) is not None


def _before(point: Point, since: datetime) -> bool:
    return point.end < since if point.start is None else point.end <= since


def keep(
    workspace_id: uuid.UUID, series: SeriesRef, points: Sequence[Point], as_of: datetime, limit: int
) -> None:
    """Keep the points of a series that the caller holds, and forget the series judged longest ago.

    Not where it was told of what lies ahead of `as_of`: that is in no point yet.
    """
    if series.told_at is None or series.told_at > as_of:
        return
    _judged.put((workspace_id, series), _Judged(series.told_at, as_of, points, limit))
