"""What a batch told of each series: for those who keep its points, and load only what is other now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from kpis.actions.readings_check import Checked
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_judge import Case, Verdict
from kpis.actions.readings_series import Held
from kpis.actions.readings_store import Row
from kpis.queries.points import Figures, Told
from kpis.series.finding import Cause, weightiest
from kpis.series.period import period_of


def told_of(
    created: Sequence[Row],
    changed: Sequence[Verdict],
    cases: Mapping[int, Case],
    items: Mapping[int, Checked],
    held: Mapping[int, Held],
) -> dict[int, Told]:
    """Return by series what was told of it. All by the place in the batch, held by series.

    created: need not be recorded yet.
    """
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in created:
        rows[row.series_id].append(row)
    verdicts: dict[int, list[Verdict]] = defaultdict(list)
    for verdict in changed:
        verdicts[cases[verdict.place].row.series_id].append(verdict)
    return {
        series_id: _told(held[series_id], rows.get(series_id, ()), verdicts.get(series_id, ()), items)
        for series_id in rows.keys() | verdicts.keys()
    }


def _told(
    held: Held, created: Sequence[Row], changed: Sequence[Verdict], items: Mapping[int, Checked]
) -> Told:
    spans = [row.span for row in created]
    for verdict in changed:
        now = verdict.now
        if now is None or now.retracted or verdict.moved_from is not None:
            return Told(held.told_at, None, None)
        spans.append((now.start_at, now.end_at))
    figures = None if changed else _figures([items[row.place] for row in created])
    return Told(held.told_at, min(start for start, _ in spans), max(end for _, end in spans), figures)


def _figures(created: Sequence[Checked]) -> Figures | None:
    """What was told, where it is figures of the KPI's own periods, or of instants."""
    kpi = created[0].address.taker.kpi
    definition = kpi.definition
    if definition.holds != "figures" or definition.reading_band is not None:  # some may be suspect
        return None
    observed = [one.observed for one in created]
    if definition.period is not None:
        for one in observed:
            if one.span is None or not one.span.own:
                return None
    return Figures.of(definition, kpi.measure, observed)


def causes_of(
    created: Sequence[Row],
    changed: Sequence[Verdict],
    cases: Mapping[int, Case],
    deliveries: Sequence[Delivery],
) -> Cause | dict[int, Cause]:
    """Return why readings changed something, as findings say it: one cause of all, or by series.

    A delivery is a correction where any of it is.
    """
    judged = [(cases[one.place].row, one.status) for one in changed]
    corrected = {row.delivery for row, status in judged if status != "created"}
    causes: list[Cause] = [
        "backfill" if one.feed.backfill else "correction" if number in corrected else "reading"
        for number, one in enumerate(deliveries)
    ]
    if len(set(causes)) == 1:
        return causes[0]
    of_series: dict[int, Cause] = {}
    for row in (*created, *(row for row, _ in judged)):
        cause = causes[row.delivery]
        of_series[row.series_id] = weightiest((of_series.get(row.series_id, cause), cause))
    return of_series


def days_of(
    created: Sequence[Row],
    changed: Sequence[Verdict],
    cases: Mapping[int, Case],
    items: Mapping[int, Checked],
) -> dict[int, set[tuple[datetime, datetime]]]:
    """Return by series the days, in the KPI's zone, whose events are other ones now."""
    instants = [(row, row.start_at) for row in created if row.key]
    for verdict in changed:
        row = cases[verdict.place].row
        instants += [(row, verdict.now.start_at if verdict.now else None), (row, verdict.moved_from)]
    days: dict[int, set[tuple[datetime, datetime]]] = defaultdict(set)
    for row, instant in instants:
        definition = items[row.place].address.taker.kpi.definition
        if instant is not None and definition.holds == "events" and definition.period is not None:
            day = period_of(instant, "day", definition.zone)
            days[row.series_id].add((day.start, day.end))
    return days
