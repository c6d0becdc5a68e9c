"""Parts of a live entry as plain data: instants, periods, intervals, lines, and how a figure was judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from kpis.series.definition import Definition
from kpis.series.interval import Interval, interval
from kpis.series.period import Period, period_of
from kpis.series.point import Point
from kpis.series.reference import Case
from kpis.series.response import Response
from kpis.series.restated import Restated
from kpis.series.status import Judgement
from kpis.series.thresholds import Band, Relation, Rules
from kpis.series.value import value


def iso(instant: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC with Z: `2026-10-31T23:00:00Z`."""
    return _iso(instant if instant.tzinfo is UTC else instant.astimezone(UTC))


@lru_cache(maxsize=4096)
def _iso(instant: datetime) -> str:
    """Sparklines of one map share their instants. In UTC equal instants are written alike."""
    return instant.isoformat().replace("+00:00", "Z")


def suspects_json(points: Sequence[Point], definition: Definition) -> list[list[object]]:
    """Return what is left out of these points as suspect: [end, figure], oldest first."""
    return [[iso(point.end), value(definition, point.doubt.sums)] for point in points if point.doubt.readings]


def response_json(one: Response | None) -> dict[str, object] | None:
    """Return of how many who were asked a survey's figure is."""
    return None if one is None else {"invited": one.invited, "rate": one.rate}


def restated_json(one: Restated) -> dict[str, object]:
    """Return what a figure was when it was first shown, when it became another one, and why."""
    change = one.change
    return {
        "was": one.was.value,
        "n": one.was.n,
        "at": iso(change.at),
        "why": change.why,
        "reason": change.reason,
    }


def interval_json(found: Interval | None) -> dict[str, object] | None:
    """Return an interval with its method; a full count has no ends."""
    if found is None:
        return None
    if found.low is None or found.high is None:
        return {"method": found.method}
    return {"low": found.low, "high": found.high, "method": found.method}


def band_json(band: Band) -> dict[str, object]:
    """Return both sides."""
    return {"low": band.low, "high": band.high}


def lines_json(rules: Rules | None) -> dict[str, object] | None:
    """Return the lines that the last figure was judged by; None where there is none."""
    if rules is None or not rules.judges:
        return None
    return {name: band_json(band) for name, band in (("warn", rules.warn), ("breach", rules.breach)) if band}


def period_json(point: Point, definition: Definition) -> dict[str, object] | None:
    """Return the span of a point with its name; None for an instant."""
    if point.start is None:
        return None
    label = (
        None
        if definition.period is None
        else period_of(point.start, definition.period, definition.zone).label
    )
    return {"start": iso(point.start), "end": iso(point.end), "label": label}


def judged_json(judgement: Judgement, definition: Definition) -> dict[str, object]:
    """Return which figure was judged, where it is of several periods, and which limit decided."""
    case = judgement.case
    return {
        "window": None if case is None else _window(case.point, judgement.periods, definition),
        "limit": None if case is None or case.lacking else _limit(case, judgement, definition),
    }


def _window(point: Point, periods: int, definition: Definition) -> dict[str, object] | None:
    if periods == 1:
        return None
    return {
        "value": point.value,
        "n": point.n,
        "interval": interval_json(interval(definition, point.sums)),
        "start": iso(point.start) if point.start else None,
        "end": iso(point.end),
        "periods": periods,
    }


def _limit(case: Case, judgement: Judgement, definition: Definition) -> dict[str, object] | None:
    """The line of the status; of a figure that is fine, the one that it would cross first."""
    rules, figure = case.rules, case.point.value
    named = [("breach", rules.breach), ("warn", rules.warn)]
    if judgement.status != "breach":
        named.reverse()
    band, level = next(((band, level) for level, band in named if band is not None), (None, ""))
    if band is None or figure is None:
        return None
    sides = [(side, line) for side, line in (("low", band.low), ("high", band.high)) if line is not None]
    side, line = min(sides, key=lambda one: one[1] - figure if one[0] == "high" else figure - one[1])
    found = next((one for one in rules.relations if (one.level, one.side) == (level, side)), None)
    by_interval = definition.sampled and rules.judge_by != "point"
    return {
        "level": level,
        "side": side,
        "line": line,
        "judged_by": "interval" if by_interval else "figure",
        "relative": None if found is None else _relative(found, rules, case),
    }


def _relative(found: Relation, rules: Rules, case: Case) -> dict[str, object]:
    """What the line is relative to, and its figure then."""
    reference = (case.references or {}).get(found.to)
    figure: Decimal | Band | Period | None = rules.target if found.to == "target" else rules.baseline
    if isinstance(figure, Band):
        figure = figure.low if found.side == "low" else figure.high
    if reference is not None:
        figure = reference.value
    return {
        "to": found.to,
        "times": found.by if found.times else None,
        "plus": None if found.times else found.by,
        "figure": figure,
        "start": iso(reference.start) if reference and reference.start else None,
        "end": iso(reference.end) if reference else None,
    }
