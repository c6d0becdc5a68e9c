"""The live part of a map as what journeys' renderer draws: entries → marks, roll-ups, the page's face.

The entries are read from the very JSON that the API answers with, so page, picture and JSON cannot differ.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from journeys.render.face import Below, Change
from journeys.render.mark import SPARK_MAX, Line, Mark, Moment, Rollup
from kpis.serializers.live_figures import THIN, change, coverage_said, figure, period_name, whole
from kpis.serializers.live_read import Band, Entry, Group, Live, groups
from kpis.series.kinds import CAVEATS


def marks_of(live: Live, versions: Sequence[tuple[int, datetime]] = ()) -> list[Mark]:
    """Return every figure at its place, in the order of the entries. versions: marked on their charts."""
    published = [Moment(at, f"version {number}") for number, at in sorted(versions)]
    marks = []
    for element, group in groups(live):
        for entry in group.kpis:
            mark = mark_of(element, entry)
            moments = (*mark.moments, *published, *_improved(group, entry))
            marks.append(replace(mark, moments=tuple(sorted(moments, key=lambda one: one.at))))
    return marks


def changes_of(live: Live) -> tuple[Change, ...]:
    """Return what was changed in the real journey, at each of its places, the earliest first."""
    found = {
        Change(element, one.at, one.title, one.until): None
        for element, group in groups(live)
        for one in group.improvements
    }
    return tuple(sorted(found, key=lambda one: (one.at, one.text)))


def _improved(group: Group, entry: Entry) -> Iterator[Moment]:
    """The improvements that are marked on the chart of a figure: those meant to move it, or none by name."""
    for one in group.improvements:
        if one.kpis and entry.kpi not in one.kpis:
            continue
        named = f": {one.title}" if one.title else ""
        yield Moment(one.at, f"improvement{named}", is_improvement=True)
        if one.until is not None:
            yield Moment(one.until, f"improvement taken back{named}", is_improvement=True)


def rollups_of(live: Live, stages: set[uuid.UUID]) -> tuple[Rollup, ...]:
    """Return the roll-ups of the map and of the stages."""
    rollups = []
    for name, group in live.live.items():
        element = None if name == "map" else uuid.UUID(name)
        covered = group.coverage
        if element is None or (element in stages and (covered.of or covered.without_rules)):
            said = coverage_said(covered.judged, covered.of, covered.without_rules)
            counts: Mapping[Any, int] = group.counts
            status: Any = group.status
            rollups.append(Rollup(element=element, status=status, counts=counts, coverage=said))
    return tuple(rollups)


def below_of(live: Live) -> tuple[Below, ...]:
    """Return how the maps fare that show touchpoints in detail."""
    found = []
    for element, group in groups(live):
        for one in group.tactical:
            covered, status = one.coverage, one.status
            said: Any = status
            told = coverage_said(covered.judged, covered.of, covered.without_rules)
            if element is not None:
                found.append(Below(element, said, told))
    return tuple(found)


def mark_of(element: uuid.UUID | None, entry: Entry) -> Mark:
    """Return one figure at its place."""

    def said(value: Decimal) -> str:
        return figure(value, entry.unit, entry.currency)

    words: dict[str, Any] = {
        "status": entry.status,
        "freshness": entry.freshness,
        "certainty": entry.certainty,
        "verdict": entry.trend.verdict if entry.trend else None,
    }
    return Mark(
        element=element,
        label=_label(entry),
        value=None if entry.value is None else said(entry.value),
        trend=change(entry.trend.delta, entry.unit, entry.currency, of=entry.value) if entry.trend else "",
        n=_n(entry),
        interval=_interval(entry),
        method="ratio" if entry.method == "of_kpis" else entry.method.replace("_", " "),
        observed_at=entry.period.end if entry.period else entry.observed_at,
        period=period_name(entry.period.label) if entry.period and entry.period.label else "",
        target=_target(entry),
        spark=tuple(None if value is None else float(value) for _, value in entry.spark[-SPARK_MAX:]),
        spark_target=float(entry.target) if isinstance(entry.target, Decimal) else None,
        spark_ends=tuple(end for end, _ in entry.spark[-SPARK_MAX:]),
        **_ends(entry),
        lines=tuple(_lines(entry)),
        moments=tuple(_moments(entry)),
        window=_window(entry),
        running=_running(entry),
        emotion=None if entry.emotion is None else float(entry.emotion),
        caveats=tuple(_caveat(code, entry) for code in entry.caveats),
        **words,
    )


def _caveat(code: str, entry: Entry) -> str:
    """A caveat in words, with what there is to be told of it."""
    if code == "restated" and entry.restated is not None:
        one = entry.restated
        was = figure(one.was, entry.unit, entry.currency)
        return f"Restated {one.at:%Y-%m-%d} ({one.why.replace('_', ' ')}): it was {was}."
    if code == "nonresponse" and entry.response is not None:
        one_of = entry.response
        share = "" if one_of.rate is None else f" ({figure(one_of.rate, 'fraction', None)})"
        return f"{_n(entry)} answered of {figure(one_of.invited, 'count', None)} who were asked{share}."
    return CAVEATS.get(code, code)


def _label(entry: Entry) -> str:
    """The name, and whose figures these are where the name does not say it itself."""
    told = entry.name.casefold()
    whose = ", ".join(
        "all by " + name if value == "*" else value
        for name, value in entry.labels.items()
        if value == "*" or value.casefold() not in told
    )
    return f"{entry.name} ({whose})" if whose else entry.name


def _n(entry: Entry) -> str:
    if entry.n is not None:
        return whole(entry.n)
    if entry.value is None:
        return ""
    return "full count" if entry.interval and entry.interval.method == "census" else "not told"


def _interval(entry: Entry) -> str:
    """Half its width, in the measure of the figure; a full count says so."""
    found = entry.interval
    if found is None or entry.value is None:
        return ""
    if found.low is None or found.high is None:
        return found.method
    reach = change((found.high - found.low) / 2, entry.unit, entry.currency, of=entry.value)
    return "±" + reach.lstrip("+±")


def _target(entry: Entry) -> str:
    target = entry.target
    if target is None:
        return ""
    if isinstance(target, Band):
        ends = [
            figure(end, entry.unit, entry.currency) for end in (target.low, target.high) if end is not None
        ]
        return "–".join(ends)
    sign = {"up": f"≥{THIN}", "down": f"≤{THIN}"}.get(entry.direction, "")
    return sign + figure(target, entry.unit, entry.currency)


def _ends(entry: Entry) -> dict[str, Any]:
    """The least and the greatest figure of the course, as displayed."""
    known = [value for _, value in entry.spark[-SPARK_MAX:] if value is not None]
    if not known:
        return {}
    said = [figure(value, entry.unit, entry.currency) for value in (min(known), max(known))]
    return {"spark_low": said[0], "spark_high": said[1]}


def _lines(entry: Entry) -> Iterator[Line]:
    """Target and thresholds, as lines across the chart."""
    target = entry.target
    aim = target if isinstance(target, Band) else Band(target)
    found: list[tuple[str, str, Band | None]] = [("target", "goal", aim)]
    if entry.thresholds:
        found += [("warn", "watch", entry.thresholds.warn), ("breach", "breach", entry.thresholds.breach)]
    told: set[Decimal] = set()
    for role, word, band in found:
        for value in (band.low, band.high) if band else ():
            if value is not None and value not in told:
                told.add(value)
                shown: Any = role
                yield Line(shown, float(value), f"{word} {figure(value, entry.unit, entry.currency)}")


def _window(entry: Entry) -> tuple[str, ...]:
    """Over how many periods, and what it was then: the figure beside it is of the last one alone."""
    window = entry.window
    if window is None:
        return ()
    over = f"judged over {window.periods} periods"
    if window.value is None or window.n is None:
        return (over,)
    return over, f"{figure(window.value, entry.unit, entry.currency)}, n{THIN}{whole(window.n)}"


def _moments(entry: Entry) -> Iterator[Moment]:
    if entry.definition_break:
        yield Moment(entry.definition_break, "measured otherwise from here")
    for end, value in entry.suspects:
        told = "" if value is None else f": {figure(value, entry.unit, entry.currency)}"
        yield Moment(end, f"not yet confirmed{told}")


def _running(entry: Entry) -> str:
    running = entry.running
    if running is None or running.value is None:
        return ""
    told = [figure(running.value, entry.unit, entry.currency)]
    if running.n is not None:
        told.append(f"n{THIN}{whole(running.n)}")
    share = f"{round(running.elapsed * 100)}{THIN}%"
    named = period_name(running.period.label) if running.period and running.period.label else "the period"
    told.append(f"{share} of {named}")
    return ", ".join(told)
