"""Points of a KPI that is made of KPIs: parts are summed first, over time and labels, then the expression.

Only figures of the same period and the same labels meet: of several label sets those count of which every
input says something. An average of ratios cannot come about.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from kpis.series.definition import Definition
from kpis.series.derivation import Derivation
from kpis.series.exact import EXACT
from kpis.series.expression import Call, Node, Result, evaluate, references
from kpis.series.point import NO_DOUBT, Doubt, Point, all_doubts, feeds_of, is_judged, make_point
from kpis.series.reference import pooled
from kpis.series.rollup import over_labels
from kpis.series.sums import Sums

Courses = Mapping[uuid.UUID, Mapping[str, Sequence[Point]]]
"""By leaf, by canonical labels: its points, oldest first."""
DefinitionOf = Callable[[uuid.UUID, int], Definition]
"""The definition of a leaf's measure."""
_Span = tuple[datetime | None, datetime]
_SPOKEN = (None, "division_by_zero", "suspect")


def derived_points(
    made: Derivation, courses: Courses, definition_of: DefinitionOf, *, revision: int
) -> list[Point]:
    """Return the points, oldest first: one for each period of which any leaf says something.

    A new measure of a leaf is a new revision of what is made of it; a leaf without a point keeps its own.
    """
    by_span: dict[_Span, dict[str, dict[uuid.UUID, Point]]] = {}
    for leaf in made.leaves:
        for labels, points in courses.get(leaf, {}).items():
            for point in points:
                by_span.setdefault((point.start, point.end), {}).setdefault(labels, {})[leaf] = point
    held: dict[str, tuple[int, ...]] = {}
    found = []
    for span in sorted(by_span, key=lambda span: span[1]):
        for labels, told in by_span[span].items():
            before = held.get(labels, (0,) * len(made.leaves))
            held[labels] = tuple(map(_measure, (told.get(leaf) for leaf in made.leaves), before))
        revisions = {labels: (revision, *held[labels]) for labels in by_span[span]}
        found.append(_point(made, span, by_span[span], revisions, definition_of))
    return found


def over_spans(
    made: Derivation,
    courses: Courses,
    definition_of: DefinitionOf,
    spans: Collection[_Span],
    *,
    revision: int,
) -> Point | None:
    """Return the figure of several periods together: each leaf's summed again, then the expression.

    Of each label set those periods count of which all leaves speak. None where nothing comes of it, or a
    leaf was measured otherwise in between.
    """
    told: dict[str, dict[datetime | None, dict[uuid.UUID, Point]]] = {}
    for leaf in made.leaves:
        for labels, points in courses.get(leaf, {}).items():
            for point in points:
                if (point.start, point.end) in spans:
                    told.setdefault(labels, {}).setdefault(point.start, {})[leaf] = point
    start, end = min(span[0] or span[1] for span in spans), max(span[1] for span in spans)
    whole: dict[uuid.UUID, dict[str, Sequence[Point]]] = {leaf: {} for leaf in made.leaves}
    for labels, by_start in told.items():
        spoken = [points for points in by_start.values() if _speak(made, points)]
        for leaf in made.leaves if spoken else ():
            mine = [points[leaf] for points in spoken if points[leaf].value is not None]
            if not mine or any(point.revision != mine[0].revision for point in mine):
                return None
            definition = definition_of(leaf, _measure(mine[0], 0))
            together = pooled(definition, mine, start=start, end=end)
            if together is None:
                return None
            whole[leaf][labels] = [together]
    found = derived_points(made, whole, definition_of, revision=revision)
    return found[-1] if found and found[-1].value is not None else None


def _measure(point: Point | None, before: int) -> int:
    return point.revision if point is not None and isinstance(point.revision, int) else before


def _point(
    made: Derivation,
    span: _Span,
    told: Mapping[str, Mapping[uuid.UUID, Point]],
    revisions: Mapping[str, tuple[int, ...]],
    definition_of: DefinitionOf,
) -> Point:
    """The point of one period; of label sets of two revisions only those of the later one count."""
    spoken = {labels: points for labels, points in told.items() if _speak(made, points)}
    latest = max(revisions[labels] for labels in spoken or told)
    same = [points for labels, points in (spoken or told).items() if revisions[labels] == latest]
    seen = min(_seen(same))
    if not spoken:
        return Point(*span, observed_at=seen, revision=latest, reason="missing_input")
    measures = dict(zip(made.leaves, latest[1:], strict=True))
    together = {
        leaf: _together(definition_of(leaf, measures[leaf]), [points[leaf] for points in same])
        for leaf in made.leaves
    }
    results = {
        str(leaf): _result(definition_of(leaf, measures[leaf]), point) for leaf, point in together.items()
    }
    figures = {name: result.value for name, result in results.items()}
    result = Result(None)
    for kpi, node in made.steps:
        result = results[str(kpi)] = _explained(node, evaluate(node, figures), results)
        figures[str(kpi)] = result.value
    shown = _shown(made.steps[-1][1], figures, [point.n for point in together.values()])
    readings = all_doubts(point.doubt for point in together.values()).readings
    return Point(
        *span,
        shown,
        result.value,
        shown.n,
        seen,
        latest,
        result.reason,
        doubt=Doubt(readings) if readings else NO_DOUBT,  # of several KPIs: no sum of all
        feeds=feeds_of(together.values()),
    )


def _result(definition: Definition, point: Point) -> Result:
    """What a leaf brings: nothing where a suspect reading leaves too little of it to be judged."""
    if is_judged(definition, point):
        return Result(point.value, point.reason)
    return Result(None, "suspect")


def _speak(made: Derivation, points: Mapping[uuid.UUID, Point]) -> bool:
    return all(leaf in points and points[leaf].reason in _SPOKEN for leaf in made.leaves)


def _seen(same: Sequence[Mapping[uuid.UUID, Point]]) -> Iterator[datetime]:
    """Of each leaf the latest instant that it speaks of."""
    leaves = {leaf for points in same for leaf in points}
    for leaf in leaves:
        yield max(points[leaf].observed_at or points[leaf].end for points in same if leaf in points)


def _explained(node: Node, result: Result, inputs: Mapping[str, Result]) -> Result:
    """What is missing for a reason of its own says that."""
    if result.reason != "missing_input":
        return result
    missing = next(ref for ref in references(node) if inputs[ref.name].value is None)
    reason = inputs[missing.name].reason
    return Result(None, "missing_input" if reason == "no_figure" else reason)


def _together(definition: Definition, points: Sequence[Point]) -> Point:
    """One leaf's point of several label sets; of one it is that one's, whatever it was worked out from."""
    if len(points) == 1:
        return points[0]
    sums = over_labels(definition, [point.sums for point in points]) or Sums(bares=len(points))
    doubt = all_doubts(point.doubt for point in points)
    point = make_point(definition, sums, doubt, start=points[0].start, end=points[0].end)
    return msgspec.structs.replace(point, feeds=feeds_of(points))


def _shown(node: Node, figures: Mapping[str, Decimal | None], ns: Sequence[int | None]) -> Sums:
    """What stands beside the figure: of a division both sides, n being the lower where it is whole.

    Of all else n is that of the input that fewest observations stand behind.
    """
    if isinstance(node, Call) and node.sign == "/":
        above, below = (evaluate(side, figures).value for side in node.operands)
        if above is None or below is None:
            return Sums()
        whole = below >= 0 and below == EXACT.to_integral_value(below)
        return Sums(numerator=above, denominator=below, n=int(below) if whole else None)
    known = [n for n in ns if n is not None]
    return Sums(n=min(known) if known and len(known) == len(ns) else None)
