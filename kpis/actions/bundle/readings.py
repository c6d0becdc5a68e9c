"""Series and readings of a bundle, with both their clocks: nothing is judged again, nothing recorded anew."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from kpis.actions.bundle.meanings import taken_definition
from kpis.actions.readings_series import find_series
from kpis.actions.readings_store import RETRACTED, Row, hashed
from kpis.actions.rollups_dirty import mark_dirty
from kpis.models import KpiRevision
from kpis.queries.restated import rebuild_restatements
from kpis.queries.sql import statement
from kpis.series.definition import Definition
from kpis.series.intake_flows import BASE_KEY
from kpis.series.labels import check_labels, labels_key
from kpis.series.period import period_of
from service.bundle.intake import Shaped, insert
from service.bundle.lines import InvalidBundle, Line
from service.errors import Issue

_TAKE = statement("take_readings")
_INSERT_SERIES = """
INSERT INTO series (workspace_id, kpi_id, revision, labels, labels_key, part, feed_id, told_at, created_at)
SELECT %(workspace)s, kpi_id, revision, labels_key::jsonb, labels_key, part, feed_id, told_at, created_at
FROM json_to_recordset(%(rows)s::json) AS r (
  kpi_id uuid, revision int, labels_key text, part uuid, feed_id uuid, told_at timestamptz,
  created_at timestamptz)
"""
_MOST = Decimal("1E15")
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class SeriesShape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """number: its place among the series of the bundle, from 1."""

    number: int
    kpi_id: uuid.UUID
    revision: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    labels: dict[str, str]
    part: uuid.UUID | None = None
    feed_id: uuid.UUID | None
    told_at: Instant | None
    created_at: Instant


class ReadingShape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """series: its number. Absent members are null."""

    series: Annotated[int, msgspec.Meta(ge=1)]
    start_at: Instant
    end_at: Instant
    key: Annotated[str, msgspec.Meta(max_length=255)]
    recorded_at: Instant
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: Count | None = None
    counts: list[Count] | None = None
    retracted: bool
    feed_id: uuid.UUID | None = None
    cause_id: uuid.UUID | None = None
    reason: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    suspect: bool = False


class _SeriesRow(msgspec.Struct):
    kpi_id: uuid.UUID
    revision: int
    labels_key: str
    part: uuid.UUID | None
    feed_id: uuid.UUID | None
    told_at: datetime | None
    created_at: datetime


class _ReadingRow(Row, kw_only=True):
    feed_id: uuid.UUID | None
    cause_id: uuid.UUID | None
    retracted: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A series as it is here. definition: of its measure."""

    id: int
    definition: Definition


class SeriesTaker:
    """Takes series; `known` has them in the order of their numbers."""

    def __init__(self, *, workspace_id: uuid.UUID, at: datetime) -> None:
        self.workspace_id = workspace_id
        self.known: list[Known] = []
        self._shaped = Shaped(SeriesShape, at=at)
        self._definitions: dict[tuple[uuid.UUID, int], Definition] = {}

    def take(self, lines: Sequence[Line]) -> None:
        if not self._definitions:
            revisions = KpiRevision.objects.filter(workspace_id=self.workspace_id)
            self._definitions = {
                (each.kpi_id, each.number): taken_definition(each, lines[0].number) for each in revisions
            }
        shapes = self._shaped.rows(lines)
        rows = [
            self._row(line, shape, place)
            for place, (line, shape) in enumerate(zip(lines, shapes, strict=True))
        ]
        insert(_INSERT_SERIES, lines, rows, workspace_id=self.workspace_id, table="series")
        wanted = [(row.kpi_id, row.revision, row.labels_key, row.part) for row in rows]
        ids = find_series(workspace_id=self.workspace_id, wanted=wanted)
        self.known += [Known(ids[one], self._definitions[one[:2]]) for one in wanted]

    def close(self) -> None:
        pass

    def _row(self, line: Line, shape: SeriesShape, place: int) -> _SeriesRow:
        issues = [issue.under("/row") for issue in check_labels(shape.labels)]
        if shape.number != len(self.known) + place + 1:
            issues.append(Issue("/row/number", "out_of_order", "Series are numbered from 1, in their order."))
        if (shape.kpi_id, shape.revision) not in self._definitions:
            issues.append(Issue("/row/revision", "unknown_reference", "The KPI has no such revision."))
        if issues:
            raise InvalidBundle(line.number, *issues)
        return _SeriesRow(
            shape.kpi_id,
            shape.revision,
            labels_key(shape.labels),
            shape.part,
            shape.feed_id,
            shape.told_at,
            shape.created_at,
        )


class ReadingTaker:
    """Takes readings of the series that `series` took, and marks the days whose sums they change."""

    def __init__(self, series: SeriesTaker, *, workspace_id: uuid.UUID, at: datetime) -> None:
        self.workspace_id, self._series, self._at = workspace_id, series, at
        self._shaped = Shaped(ReadingShape, at=at)

    def take(self, lines: Sequence[Line]) -> None:
        shapes = self._shaped.rows(lines)
        rows = [
            self._row(line, shape, place)
            for place, (line, shape) in enumerate(zip(lines, shapes, strict=True))
        ]
        insert(_TAKE, lines, rows, workspace_id=self.workspace_id, table="reading")
        days: dict[int, set[tuple[datetime, datetime]]] = defaultdict(set)
        for shape in shapes:
            known = self._series.known[shape.series - 1]
            if known.definition.holds == "events" and known.definition.period is not None:
                day = period_of(shape.start_at, "day", known.definition.zone)
                days[known.id].add((day.start, day.end))
        mark_dirty(workspace_id=self.workspace_id, days=days, at=self._at)

    def close(self) -> None:
        series = [(known.id, known.definition) for known in self._series.known]
        rebuild_restatements(workspace_id=self.workspace_id, series=series)

    def _row(self, line: Line, shape: ReadingShape, place: int) -> _ReadingRow:
        if shape.series > len(self._series.known):
            detail = "The bundle has no series of this number."
            raise InvalidBundle(line.number, Issue("/row/series", "unknown_reference", detail))
        known = self._series.known[shape.series - 1]
        issues = []
        for name in ("value", "numerator", "denominator"):
            figure = getattr(shape, name)
            if figure is not None and (not figure.is_finite() or abs(figure) >= _MOST):
                issues.append(Issue(f"/row/{name}", "out_of_range", "A finite number below 1e15 in size."))
        if shape.start_at > shape.end_at:
            issues.append(Issue("/row/end_at", "out_of_order", "It ends before it begins."))
        if shape.counts is not None and len(shape.counts) != len(known.definition.steps):
            issues.append(Issue("/row/counts", "invalid", "There is one count for each step of the scale."))
        based = known.definition.stocked and shape.key.startswith(BASE_KEY)
        if not based and bool(shape.key) != (known.definition.holds == "events"):
            issues.append(Issue("/row/key", "invalid", "Events have a key, figures have none."))
        if issues:
            raise InvalidBundle(line.number, *issues)
        row = _ReadingRow(
            place=place,
            series_id=known.id,
            start_at=shape.start_at.astimezone(UTC),
            end_at=shape.end_at.astimezone(UTC),
            key=shape.key,
            value=shape.value,
            numerator=shape.numerator,
            denominator=shape.denominator,
            n=shape.n,
            counts=None if shape.counts is None else tuple(shape.counts),
            reason=shape.reason,
            retracted=shape.retracted,
            suspect=shape.suspect,
            recorded_at=shape.recorded_at,
            feed_id=shape.feed_id,
            cause_id=shape.cause_id,
        )
        row.hash = RETRACTED if row.retracted else hashed(row).hash
        return row
