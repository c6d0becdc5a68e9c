"""What of the past thresholds may look back to: a baseline, the figure before, a widening window."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from kpis.series.definition import Definition
from kpis.series.period import NotAPeriod, Period, parse_period, periods_between
from kpis.series.thresholds import Before, Rules, Window
from kpis.series.thresholds_lines import number
from service.errors import Issue

MOST_BACK = 400
"""Periods that a rule may look back, and that a baseline may have."""
_MOST_WINDOW = 60
_MOST_YEARS = 5
_MOST_N = 10**9
_IN_A_YEAR = {"day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1}


def parse_baseline(given: object, definition: Definition, issues: list[Issue]) -> Decimal | Period | None:
    """A figure, or `{"period": "2025-Q4"}`: the figure of that period, in the KPI's zone."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return number(given, "/baseline", issues)
    if set(given) != {"period"} or not isinstance(given["period"], str):
        issues.append(Issue("/baseline", "type", 'A number, or {"period": "2025-Q4"}.'))
        return None
    try:
        period = parse_period(given["period"], definition.zone)
    except NotAPeriod as error:
        issues.append(Issue("/baseline/period", "not_a_period", str(error)))
        return None
    if definition.period is None:
        return period
    parts = periods_between(period.start, period.end, definition.period, definition.zone)
    inside = [part for part in islice(parts, MOST_BACK + 1) if _within(part, period)]
    if not 0 < len(inside) <= MOST_BACK:
        detail = f"Name a period of 1 to {MOST_BACK} of the KPI's own ({definition.period}s)."
        issues.append(Issue("/baseline/period", "out_of_range", detail))
    return period


def _within(part: Period, whole: Period) -> bool:
    return part.start >= whole.start and part.end <= whole.end


def parse_before(given: object, definition: Definition, issues: list[Issue]) -> Before:
    """`{"periods": n}` back, or `{"years": n}`: the period of the same name then."""
    if given is None:
        return Before()
    if not isinstance(given, Mapping) or len(given) != 1 or not set(given) <= {"periods", "years"}:
        issues.append(Issue("/before", "type", 'An object: {"periods": 1} or {"years": 1}.'))
        return Before()
    if "periods" in given:
        return Before(whole(given["periods"], "/before/periods", 1, MOST_BACK - _MOST_WINDOW, issues))
    years = whole(given["years"], "/before/years", 1, _MOST_YEARS, issues)
    if definition.period not in _IN_A_YEAR:
        detail = "Only a KPI with periods of a day or longer has the same period a year ago."
        issues.append(Issue("/before/years", "no_such_period", detail))
    elif years * _IN_A_YEAR[definition.period] > MOST_BACK:
        detail = f"More than {MOST_BACK} {definition.period}s back are not looked at."
        issues.append(Issue("/before/years", "out_of_range", detail))
    return Before(periods=0, years=years)


def parse_window(
    given: object, definition: Definition, min_n: int | None, issues: list[Issue]
) -> Window | None:
    """`{"until_n": n, "max": periods}`; until_n left out: the minimum n."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or "max" not in given or not set(given) <= {"until_n", "max"}:
        issues.append(Issue("/window", "type", 'An object: {"until_n": 30, "max": 6}.'))
        return None
    most = whole(given["max"], "/window/max", 2, _MOST_WINDOW, issues)
    least = definition.min_n if min_n is None else min_n
    until: Any = given.get("until_n")
    if until is None and not least:
        issues.append(Issue("/window/until_n", "required", "Say how many, as there is no minimum n."))
    until = least if until is None else whole(until, "/window/until_n", 1, _MOST_N, issues)
    if until < least:
        issues.append(Issue("/window/until_n", "order", f"Below the minimum n ({least}) nothing is judged."))
    row = definition.row
    if row.form == "sum" or not row.summable:
        detail = "Counts would add up and gauges cannot: only rates, means and balances widen."
        issues.append(Issue("/window", "not_summable", detail))
    return Window(until, most)


def reach(rules: Rules, definition: Definition) -> int:
    """Return how many periods (or instants) before the one that is judged the rules may look back."""
    widened = 0 if rules.window is None else rules.window.most - 1
    if not any(relation.to == "before" for relation in rules.relations):
        return widened
    years = rules.before.years * _IN_A_YEAR.get(definition.period or "", 0)
    return widened + (years or rules.before.periods)


def whole(given: object, where: str, least: int, most: int, issues: list[Issue]) -> int:
    """Return a whole number of JSON; of another there is an issue."""
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        issues.append(Issue(where, "out_of_range", f"Must be a whole number {least} to {most}."))
        return least
    return given
