"""The readings behind one figure: which made it, and which did not, and why not."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.points_plan import Clocks
from kpis.queries.readings import RecordedReading
from kpis.queries.sql import fetch, statement
from kpis.queries.state_series import SelectedSeries
from kpis.series.definition import Definition
from kpis.series.intake_flows import BASE_KEY
from kpis.series.intake_sides import NUMERATOR, side_of, takes_sides
from kpis.series.point import Point
from kpis.series.reading_id import ReadingRef
from kpis.series.sums import Sums, combine, of_columns, of_counts

MOST = 10_000
PARTS = {
    "used": "in the figure",
    "superseded": "another reading of the same was recorded later",
    "retracted": "it was taken back",
    "retraction": "it takes back what was said",
    "out_of_period": "it lies, or was told, after `as_of`",
    "covered": "the period has a figure of its own",
    "unmatched": "a numerator whose denominator is not known",
    "matched": "a numerator that counts with its denominator",
    "base": "it says how many there were",
    "suspect": "it lies beyond the plausible and nobody has confirmed it",
}
_SELECT = statement("explain_readings")
_labels = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Bearing:
    """A reading and the part that it plays: a word of PARTS."""

    reading: RecordedReading
    part: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told of a figure. complete: there are no more than MOST of them."""

    readings: Sequence[Bearing]
    complete: bool

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.part for one in self.readings)

    def shares(self) -> dict[tuple[int, uuid.UUID | None], tuple[int, Sums]]:
        """Return how many readings each feed has in the figure, by series and feed, and their sums."""
        found: dict[tuple[int, uuid.UUID | None], list[Sums]] = defaultdict(list)
        for one in self.readings:
            if one.part == "used":
                found[one.reading.ref.series_id, one.reading.feed_id].append(_sums(one.reading))
        return {key: (len(parts), combine(parts)) for key, parts in found.items()}


def told_of(
    *,
    workspace_id: uuid.UUID,
    kpi_id: uuid.UUID,
    series: Sequence[SelectedSeries],
    by_measure: Mapping[int, Definition],
    point: Point,
    clocks: Clocks,
) -> Told:
    """Return the readings of the series that bear on the point. One statement."""
    known = {one.id: one for one in series}
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "ids": sorted(known),
        "since": point.start or point.end,
        "until": point.end,
        "instant": point.start is None,
        "as_of": clocks.as_of,
        "known_at": clocks.recorded_by,
        "most": MOST + 1,
    }
    rows = fetch(_SELECT, values) if known else []
    found: dict[int, list[_Row]] = defaultdict(list)
    for series_id, start_at, end_at, key, recorded_at, *columns, later, undone, beyond in rows[:MOST]:
        one = known[series_id]
        ref = ReadingRef(series_id, start_at, end_at, recorded_at, key)
        of_series = (kpi_id, one.measure, _labels.decode(one.labels), later, by_measure[one.measure])
        said: tuple[Any, ...] = (ref, *columns, *of_series)
        found[series_id].append(_Row(RecordedReading(*said), undone, beyond))
    readings = [one for told in found.values() for one in _parts(told, point)]
    return Told(readings, len(rows) <= MOST)


@dataclass(frozen=True, slots=True)
class _Row:
    reading: RecordedReading
    undone: bool
    beyond: bool


def _parts(told: Sequence[_Row], point: Point) -> list[Bearing]:
    """The parts of one series' readings."""
    own = (point.start, point.end)
    has_own = any(
        (row.reading.ref.start_at, row.reading.ref.end_at) == own and not (row.undone or row.beyond)
        for row in told
    )
    return [Bearing(row.reading, _part(row, own, has_own)) for row in told]


def _part(row: _Row, own: tuple[datetime | None, datetime], has_own: bool) -> str:
    one = row.reading
    definition, ref = one.definition, one.ref
    if row.beyond:
        return "out_of_period"
    if one.superseded:
        return "retracted" if row.undone else "superseded"
    if one.retracted:
        return "retraction"
    if one.suspect:
        return "suspect"
    if definition.stocked and ref.key.startswith(BASE_KEY):
        return "base"
    if has_own and definition.holds == "figures" and (ref.start_at, ref.end_at) != own:
        return "covered"
    if takes_sides(definition) and side_of(ref.key)[0] == NUMERATOR:
        return "matched" if one.numerator is None else "unmatched"
    return "used"


def _sums(one: RecordedReading) -> Sums:
    if one.counts is not None:
        return of_counts(one.definition, tuple(one.counts))
    return of_columns(one.definition, one.ref.end_at, one.value, one.numerator, one.denominator, one.n)


def last_change(told: Told, point: Point, settled_at: datetime) -> RecordedReading | None:
    """Return the reading recorded last that could change the figure after it was settled."""
    own = (point.start, point.end)
    has_own = any(one.part == "covered" for one in told.readings)
    late = [
        one.reading
        for one in told.readings
        if one.part in ("used", "retraction", "base")
        and one.reading.ref.recorded_at > settled_at
        and (not has_own or (one.reading.ref.start_at, one.reading.ref.end_at) == own)
    ]
    return max(late, key=lambda one: one.ref.recorded_at, default=None)
