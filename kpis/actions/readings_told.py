"""What a batch told of each series: for those who keep its points, and load only what is other now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from kpis.actions.readings_check import Checked
from kpis.actions.readings_feed import Delivery
from kpis.actions.readings_judge import Case, Verdict
from kpis.actions.readings_series import Held
from kpis.queries.points import Figures, Told
from kpis.series.finding import Cause, weightiest
from kpis.series.period import period_of


def told_of(
    changed: Sequence[Verdict],
    cases: Mapping[int, Case],
    checked: Mapping[int, Checked],
    held: Mapping[int, Held],
) -> dict[int, Told]:
    """Return by series what was told of it. All by the place in the batch, held by series."""
    verdicts: dict[int, list[Verdict]] = defaultdict(list)
    for verdict in changed:
        verdicts[cases[verdict.place].row.series_id].append(verdict)
    return {series_id: _told(held[series_id], mine, checked) for series_id, mine in verdicts.items()}


def _told(held: Held, verdicts: Sequence[Verdict], checked: Mapping[int, Checked]) -> Told:
    starts: list[datetime] = []
    ends: list[datetime] = []
    created = True
    for verdict in verdicts:
        now = verdict.now
        if now is None or now.retracted or verdict.moved_from is not None:
            return Told(held.told_at, None, None)
        starts.append(now.start_at)
        ends.append(now.end_at)
        created = created and verdict.status == "created"
    figures = _figures([checked[verdict.place] for verdict in verdicts]) if created else None
    return Told(held.told_at, min(starts), max(ends), figures)


def _figures(created: Sequence[Checked]) -> Figures | None:
    """What was told, where it is figures of the KPI's own periods, or of instants."""
    definition = created[0].address.taker.kpi.definition
    if definition.holds != "figures" or definition.plausibility is not None:  # some may be suspect
        return None
    observed = [one.observed for one in created]
    if definition.period is not None:
        for one in observed:
            if one.span is None or not one.span.own:
                return None
    return Figures(definition, observed)


def causes_of(
    changed: Sequence[Verdict], cases: Mapping[int, Case], deliveries: Sequence[Delivery]
) -> Cause | dict[int, Cause]:
    """Return why readings changed something, as findings say it: one cause of all, or by series.

    A delivery is a correction where any of it is.
    """
    corrected = {cases[one.place].row.delivery for one in changed if one.status != "created"}
    causes: list[Cause] = [
        "backfill" if one.feed.backfill else "correction" if number in corrected else "reading"
        for number, one in enumerate(deliveries)
    ]
    if len(set(causes)) == 1:
        return causes[0]
    of_series: dict[int, Cause] = {}
    for one in changed:
        row = cases[one.place].row
        cause = causes[row.delivery]
        of_series[row.series_id] = weightiest((of_series.get(row.series_id, cause), cause))
    return of_series


def days_of(
    changed: Sequence[Verdict], cases: Mapping[int, Case], checked: Mapping[int, Checked]
) -> dict[int, set[tuple[datetime, datetime]]]:
    """Return by series the days, in the KPI's zone, whose events are other ones now."""
    days: dict[int, set[tuple[datetime, datetime]]] = defaultdict(set)
    for verdict in changed:
        definition = checked[verdict.place].address.taker.kpi.definition
        if definition.holds != "events" or definition.period is None:
            continue
        for instant in (verdict.now.start_at if verdict.now else None, verdict.moved_from):
            if instant is not None:
                day = period_of(instant, "day", definition.zone)
                days[cases[verdict.place].row.series_id].add((day.start, day.end))
    return days
