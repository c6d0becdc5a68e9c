"""Reading thresholds from JSON: the one validator, for the KPI's own and for a binding's.

```json
{
  "target": 0.8,          a number, or {"low": …, "high": …} where the good lies in a range
  "warn": 0.7,            beyond this line the status is warn
  "breach": 0.6,          beyond this one it is breach
  "recovery": 0.02,       optional: come this far back inside before the status gets better
  "consecutive": 1,       optional: points in a row that must be worse, 1 to 30
  "direction": "up",      optional, the KPI's: up, down or range
  "min_n": 30,            optional, the KPI's: fewer observations are `insufficient`
  "judge": "interval"     optional: point judges a sample by its figure alone
}
```

All in the KPI's unit: 70 percent is 0.7. A line is a number, or relative to the target:
`{"target_times": 0.9}` or `{"target_plus": -5}`. A KPI that should stay in a range has lines on both sides:
`"warn": {"low": 10, "high": {"target_plus": 5}}`, relative to that side of the target.
A figure exactly on a line has not crossed it. Everything is optional; without lines nothing is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpis.series.definition import Definition
from kpis.series.exact import EXACT, ZERO, plain
from kpis.series.pointer import pointer
from kpis.series.thresholds import Band, Rules
from service.errors import Issue

_FIELDS = ("target", "warn", "breach", "recovery", "consecutive", "direction", "min_n", "judge")
_DIRECTIONS = ("up", "down", "range")
_MOST_CONSECUTIVE = 30
_MOST_N = 10**9
_BELOW = Decimal("1E15")


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
    warn = _band("warn", given.get("warn"), direction, target, issues)
    breach = _band("breach", given.get("breach"), direction, target, issues)
    recovery = _number(given.get("recovery", 0), "/recovery", issues)
    consecutive = _whole(given.get("consecutive", 1), "/consecutive", 1, _MOST_CONSECUTIVE, issues)
    min_n = None if "min_n" not in given else _whole(given["min_n"], "/min_n", 0, _MOST_N, issues)
    judge = given.get("judge")
    if judge not in (None, "interval", "point"):
        issues.append(Issue("/judge", "choice", "One of interval, point."))
    if issues:
        return issues
    assert recovery is not None
    rules = Rules(direction, target, warn, breach, recovery, consecutive, min_n, judge)
    return _check_lines(rules, definition) or rules


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
        return _number(given, "/target", issues)
    if direction != "range" or set(given) != {"low", "high"}:
        detail = "A target is a number; with direction range it may be an object of low and high."
        issues.append(Issue("/target", "type", detail))
        return None
    band = Band(_number(given["low"], "/target/low", issues), _number(given["high"], "/target/high", issues))
    if band.low is not None and band.high is not None and band.low > band.high:
        issues.append(Issue("/target/high", "order", "Must not lie below low."))
    return band


def _band(
    name: str, given: object, direction: str, target: Decimal | Band | None, issues: list[Issue]
) -> Band | None:
    if given is None:
        return None
    if direction != "range":
        line = _line(given, f"/{name}", target, issues)
        return Band(low=line) if direction == "up" else Band(high=line)
    sides = [side for side in ("low", "high") if isinstance(given, Mapping) and given.get(side) is not None]
    if not isinstance(given, Mapping) or not sides or set(given) - {"low", "high"}:
        issues.append(Issue(f"/{name}", "type", "With direction range: an object of low, high or both."))
        return None
    lines = {
        side: _line(
            given[side],
            f"/{name}/{side}",
            getattr(target, side) if isinstance(target, Band) else target,
            issues,
        )
        for side in sides
    }
    return Band(lines.get("low"), lines.get("high"))


def _line(given: object, where: str, target: Decimal | Band | None, issues: list[Issue]) -> Decimal | None:
    """A number as it is, or one relative to the target."""
    if not isinstance(given, Mapping):
        return _number(given, where, issues)
    if len(given) != 1 or not set(given) <= {"target_times", "target_plus"}:
        detail = 'A line is a number, {"target_times": number} or {"target_plus": number}.'
        issues.append(Issue(where, "type", detail))
        return None
    (how, by), *_ = given.items()
    amount = _number(by, f"{where}/{how}", issues)
    if not isinstance(target, Decimal):
        issues.append(Issue(where, "target_required", "A line relative to the target needs a target."))
        return None
    if amount is None:
        return None
    return plain(EXACT.add(target, amount) if how == "target_plus" else EXACT.multiply(target, amount))


def _number(given: object, where: str, issues: list[Issue]) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, (int, float, Decimal)):
        issues.append(Issue(where, "type", "Must be a number."))
        return None
    number = Decimal(str(given))
    if not number.is_finite() or abs(number) >= _BELOW or len(number.as_tuple().digits) > 18:
        issues.append(Issue(where, "out_of_range", "At most 18 digits, below 1e15 in size."))
        return None
    return plain(number)


def _whole(given: object, where: str, least: int, most: int, issues: list[Issue]) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        issues.append(Issue(where, "out_of_range", f"Must be a whole number {least} to {most}."))
        return least
    return given


def _check_lines(rules: Rules, definition: Definition) -> list[Issue]:
    """Lines lie within the figure's bounds, breach beyond warn, and recovery can be reached."""
    issues: list[Issue] = []
    lower, upper = definition.lower, definition.upper
    for name, band in (("target", _as_band(rules.target)), ("warn", rules.warn), ("breach", rules.breach)):
        for line in () if band is None else (band.low, band.high):
            if line is not None and (
                (lower is not None and line < lower) or (upper is not None and line > upper)
            ):
                detail = f"{line} lies outside the figure's bounds ({definition.unit})."
                issues.append(Issue(f"/{name}", "out_of_bounds", detail))
                break
    warn, breach = rules.warn, rules.breach
    if warn is not None and breach is not None:
        low_wrong = warn.low is not None and breach.low is not None and breach.low > warn.low
        if low_wrong or (warn.high is not None and breach.high is not None and breach.high < warn.high):
            issues.append(Issue("/breach", "order", "The breach line must not come before the warn line."))
    for band in (warn, breach):
        if band is not None and rules.recovery and not _reachable(band, rules.recovery, lower, upper):
            issues.append(Issue("/recovery", "unreachable", "No figure is that far inside the lines."))
            break
    if rules.recovery < ZERO:
        issues.append(Issue("/recovery", "negative", "Must be 0 or more."))
    return issues


def _as_band(target: Decimal | Band | None) -> Band | None:
    return Band(target, target) if isinstance(target, Decimal) else target


def _reachable(band: Band, recovery: Decimal, lower: Decimal | None, upper: Decimal | None) -> bool:
    from_low = lower if band.low is None else band.low + recovery
    to_high = upper if band.high is None else band.high - recovery
    if from_low is None or to_high is None:
        return True
    return from_low <= to_high
