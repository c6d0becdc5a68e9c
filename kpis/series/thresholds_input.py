"""Reading thresholds from JSON: the one validator, for the KPI's own and for a binding's.

```json
{
  "target": 0.8,                     a number, or {"low": …, "high": …} where the good lies in a range
  "warn": 0.7,                       beyond this line the status is warn
  "breach": {"before_times": 0.8},   beyond this one it is breach
  "baseline": {"period": "2025-Q4"}, optional: a figure, or the period whose figure it is
  "before": {"years": 1},            optional: earlier figure that lines may be relative to; {"periods": 1}
  "recovery": 0.02,                  optional: come this far back inside before the status gets better
  "consecutive": 2,                  optional: points in a row that must be worse, 1 to 30
  "recover_after": 2,                optional: points in a row that must be inside again, 1 to 30
  "direction": "up",                 optional, the KPI's: up, down or range
  "min_n": 30,                       optional, the KPI's: fewer observations are `insufficient`
  "window": {"until_n": 30, "max": 6},  optional: sum with earlier periods until there are so many
  "judge_by": "interval"             optional: point judges a sample by its figure alone
}
```

All in the KPI's unit: 70 percent is 0.7. A line is a number, or relative to the target, to the baseline or to
the figure before, by a factor or a difference: `{"target_times": 0.9}`, `{"baseline_plus": -5}`,
`{"before_times": 0.8}`. A KPI that should stay in a range has lines on both sides:
`"warn": {"low": 10, "high": {"target_plus": 5}}`, relative to that side of the target.
A figure exactly on a line has not crossed it. Everything is optional; without lines nothing is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpis.series.definition import Definition
from kpis.series.pointer import pointer
from kpis.series.thresholds import Band, Relation, Rules
from kpis.series.thresholds_check import contradictions
from kpis.series.thresholds_lines import Given, band, number
from kpis.series.thresholds_past import parse_baseline, parse_before, parse_window, whole
from service.errors import Issue

_FIELDS = (
    "target",
    "warn",
    "breach",
    "baseline",
    "before",
    "recovery",
    "consecutive",
    "recover_after",
    "direction",
    "min_n",
    "window",
    "judge_by",
)
_DIRECTIONS = ("up", "down", "range")
_MOST_IN_A_ROW = 30
_MOST_N = 10**9


def parse_rules(data: object, definition: Definition) -> Rules | list[Issue]:
    """Return the rules that a JSON object describes for a KPI; or every issue with its pointer."""
    if not isinstance(data, Mapping):
        return [Issue("", "type", "Thresholds are an object.")]
    issues = [
        Issue(pointer(name), "unknown_field", f"No such field; known: {', '.join(_FIELDS)}.")
        for name in data
        if name not in _FIELDS
    ]
    given = {name: data[name] for name in _FIELDS if data.get(name) is not None}
    direction = _direction(given, definition, issues)
    target = _target(given.get("target"), direction, issues)
    baseline = parse_baseline(given.get("baseline"), definition, issues)
    relations: list[Relation] = []
    known = Given(direction, target, baseline, relations, issues)
    warn = band("warn", given.get("warn"), known)
    breach = band("breach", given.get("breach"), known)
    recovery = number(given.get("recovery", 0), "/recovery", issues)
    in_a_row = {
        name: whole(given[name], f"/{name}", 1, _MOST_IN_A_ROW, issues)
        for name in ("consecutive", "recover_after")
        if name in given
    }
    min_n = None if "min_n" not in given else whole(given["min_n"], "/min_n", 0, _MOST_N, issues)
    before = parse_before(given.get("before"), definition, issues)
    window = parse_window(given.get("window"), definition, min_n, issues)
    judge_by = given.get("judge_by")
    if judge_by not in (None, "interval", "point"):
        issues.append(Issue("/judge_by", "choice", "One of interval, point."))
    if issues:
        return issues
    assert recovery is not None
    rules = Rules(
        direction,
        target,
        warn,
        breach,
        recovery,
        min_n=min_n,
        judge_by=judge_by,
        baseline=baseline,
        before=before,
        window=window,
        relations=tuple(relations),
        open=known.open,
        **in_a_row,
    )
    return contradictions(rules, definition, given) or rules


def _direction(given: Mapping[str, Any], definition: Definition, issues: list[Issue]) -> str:
    direction = given.get("direction", definition.direction)
    if "direction" in given and direction not in _DIRECTIONS:
        issues.append(Issue("/direction", "choice", f"One of {', '.join(_DIRECTIONS)}."))
    elif direction == "none" and ("warn" in given or "breach" in given):
        detail = f"This KPI is neither better high nor low: say {', '.join(_DIRECTIONS)} to judge it."
        issues.append(Issue("/direction", "required", detail))
    return str(direction)


def _target(given: object, direction: str, issues: list[Issue]) -> Decimal | Band | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return number(given, "/target", issues)
    if direction != "range" or set(given) != {"low", "high"}:
        detail = "A target is a number; with direction range it may be an object of low and high."
        issues.append(Issue("/target", "type", detail))
        return None
    found = Band(number(given["low"], "/target/low", issues), number(given["high"], "/target/high", issues))
    if found.low is not None and found.high is not None and found.low > found.high:
        issues.append(Issue("/target/high", "order", "Must not lie below low."))
    return found
