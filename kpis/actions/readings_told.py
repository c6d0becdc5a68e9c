"""What a batch told of each series: for those who keep its points, and load only what is other now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kpis.actions.readings_check import Checked
from kpis.actions.readings_judge import Case, Verdict
from kpis.actions.readings_series import Held
from kpis.queries.points import Figures, Told


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
    told: dict[int, Told] = {}
    for series_id, mine in verdicts.items():
        before = held[series_id].told_at
        now = [one.now for one in mine if one.now is not None and one.moved_from is None]
        if len(now) < len(mine) or any(one.retracted for one in now):
            told[series_id] = Told(before, None, None)
            continue
        since, until = min(one.start_at for one in now), max(one.end_at for one in now)
        told[series_id] = Told(before, since, until, _figures(mine, checked))
    return told


def _figures(verdicts: Sequence[Verdict], checked: Mapping[int, Checked]) -> Figures | None:
    """What was told, where it is nothing but new figures of the KPI's own periods, or of instants."""
    definition = checked[verdicts[0].place].address.taker.kpi.definition
    if definition.holds != "figures" or any(one.status != "created" for one in verdicts):
        return None
    observed = [checked[one.place].observed for one in verdicts]
    if definition.period is not None and not all(one.span and one.span.own for one in observed):
        return None
    return Figures(definition, observed)
