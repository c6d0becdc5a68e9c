"""Which readings of a batch are suspect: beyond what their KPI says is plausible.

Of readings that have a figure of their own; what many of them come to is held against the band when it is
worked out (kpis.series.plausibility_whole), as what days come to in their month.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from kpis.actions.readings_check import Checked
from kpis.actions.readings_store import Row
from kpis.queries.sql import fetch, statement
from kpis.series.definition import Definition
from kpis.series.plausibility import is_beyond, jumps_too_far
from kpis.series.sums import of_columns, of_counts
from kpis.series.value import value

_PREVIOUS = statement("previous_figures")


class _Figure(NamedTuple):
    end: datetime
    length: timedelta
    value: Decimal | None

    def stands_before(self, start: datetime, end: datetime) -> bool:
        """As the statement says it: of about the same length, and over when the other begins."""
        length = end - start
        alike = self.length * 2 >= length and self.length <= length * 2
        return alike and self.end <= start and (self.end, self.length) != (end, length)


def mark_suspects(rows: Sequence[Row], checked: Sequence[Checked], *, workspace_id: uuid.UUID) -> None:
    """Mark the rows that their KPI's plausibility band does not take.

    checked: the items, whose index is the rows' place.
    One statement where any band bounds jumps: each row is held against the figure before it, of this batch
    or of what is known. The series' rows are locked.
    """
    definitions = {
        one.index: definition
        for one in checked
        if (definition := one.address.taker.kpi.definition).reading_band is not None
        and not (definition.parted and one.observed.span is not None and not one.observed.span.own)
    }
    if not definitions:
        return
    told = [row for row in rows if row.place in definitions and not row.retracted]
    for row in told:
        band = definitions[row.place].reading_band
        row.suspect = band is not None and is_beyond(band, _value_of(definitions[row.place], row))
    jumping = [row for row in told if _jumps(definitions[row.place])]
    if jumping:
        _mark_jumps(jumping, definitions, _previous(jumping, definitions, workspace_id))


def _jumps(definition: Definition) -> bool:
    """Of single events only what they come to may not jump."""
    band = definition.reading_band
    return band is not None and band.jumps


def _mark_jumps(
    rows: Sequence[Row], definitions: Mapping[int, Definition], known: Mapping[int, _Figure]
) -> None:
    """Oldest first, so that each is held against what the batch itself says of the time before it."""
    taken: dict[int, list[_Figure]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.span[1], row.place)):
        definition = definitions[row.place]
        start, end = row.span
        here = next((one for one in reversed(taken[row.series_id]) if one.stands_before(start, end)), None)
        befores = [one for one in (known.get(row.place), here) if one is not None]
        figure = _Figure(end, end - start, _value_of(definition, row))
        if befores and definition.plausibility is not None:
            before = max(befores, key=lambda one: one.end)
            row.suspect |= jumps_too_far(definition.plausibility, before.value, figure.value)
        if not row.suspect:
            taken[row.series_id].append(figure)


def _previous(
    rows: Sequence[Row], definitions: Mapping[int, Definition], workspace_id: uuid.UUID
) -> dict[int, _Figure]:
    """Return the figure before each row, by place, where there is one."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "places": [row.place for row in rows],
        "ids": [row.series_id for row in rows],
        "starts": [row.start_at for row in rows],
        "ends": [row.end_at for row in rows],
    }
    return {
        place: _Figure(end, end - start, _value(definitions[place], end, *columns))
        for place, start, end, *columns in fetch(_PREVIOUS, values)
    }


def _value_of(definition: Definition, row: Row) -> Decimal | None:
    _, end = row.span
    return _value(definition, end, row.value, row.numerator, row.denominator, row.n, row.counts)


def _value(
    definition: Definition,
    end: datetime,
    figure: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    n: int | None,
    counts: Sequence[int] | None,
) -> Decimal | None:
    if counts is not None:
        return value(definition, of_counts(definition, tuple(counts)))
    return value(definition, of_columns(definition, end, figure, numerator, denominator, n))
