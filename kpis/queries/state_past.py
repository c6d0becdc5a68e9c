"""What bindings' rules look back to: points before the sixty that are judged, and named baselines.

Only bindings whose rules say so are asked for: one round of points for all, and one for each baseline period.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kpis.queries.points import Range
from kpis.queries.state_courses import by_revision
from kpis.queries.state_points import JUDGED, points_of_subjects
from kpis.queries.state_rules import Meaning, RuleBook
from kpis.queries.state_series import Selected
from kpis.series.period import Period
from kpis.series.point import Point
from kpis.series.reference import NO_BASELINES, Baselines, baseline_of
from kpis.series.thresholds_past import MOST_BACK, reach


@dataclass(frozen=True, slots=True)
class Past:
    """Of bindings by their place: longer courses of points, and the figures of baselines."""

    points: Mapping[int, Sequence[Point]]
    baselines: Mapping[int, Baselines]

    def baselines_of(self, place: int) -> Baselines:
        return self.baselines.get(place, NO_BASELINES)


NO_PAST = Past({}, {})


def past_of(
    *,
    workspace_id: uuid.UUID,
    chosen: Sequence[Selected],
    meant: Mapping[uuid.UUID, Meaning],
    rules: RuleBook,
    as_of: datetime,
    known_at: datetime | None,
) -> Past:
    """Return what rules look back to, as it was true and known."""
    back: dict[int, int] = {}
    named: dict[Period, list[int]] = defaultdict(list)
    for place, one in enumerate(chosen):
        term = one.term
        if not rules.look_back(term.kpi_id, term.binding_id):
            continue
        definition = meant[term.kpi_id].definition
        for span in rules.history(term.kpi_id, term.binding_id, definition):
            if span.rules is not None:
                back[place] = max(back.get(place, 0), reach(span.rules, definition))
                if span.rules.open and isinstance(span.rules.baseline, Period):
                    named[span.rules.baseline].append(place)
    if not back:
        return NO_PAST

    def load(places: Sequence[int], limit: int, within: Range | None = None) -> dict[int, list[Point]]:
        found = points_of_subjects(
            workspace_id=workspace_id,
            chosen=[chosen[place] for place in places],
            meant=meant,
            as_of=as_of,
            known_at=known_at,
            within=within,
            limit=limit,
        )
        return dict(zip(places, found, strict=True))

    deep = [place for place, periods in back.items() if periods]
    points = load(deep, JUDGED + max(back.values())) if deep else {}
    baselines: dict[int, dict[Period, Point]] = defaultdict(dict)
    for period, places in named.items():
        unique = list(dict.fromkeys(places))
        for place, course in load(unique, MOST_BACK, Range(period.start, period.end)).items():
            if course:
                definition = by_revision(meant[chosen[place].term.kpi_id], course[-1].revision)
                if (figure := baseline_of(definition, period, course)) is not None:
                    baselines[place][period] = figure
    return Past(points, baselines)
