"""What contradicts itself in thresholds that are well formed: lines that nothing could cross or leave."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpis.series.definition import Definition
from kpis.series.exact import ZERO
from kpis.series.thresholds import Band, Relation, Rules
from service.errors import Issue


def contradictions(rules: Rules, definition: Definition, given: Mapping[str, Any]) -> list[Issue]:
    """Return an issue for each. given: the rules as they were sent, for what is there without an effect."""
    return [
        *_out_of_bounds(rules, definition),
        *_out_of_order(rules),
        *_recovery(rules, definition),
        *_relations(rules, definition, given),
    ]


def _out_of_bounds(rules: Rules, definition: Definition) -> list[Issue]:
    issues: list[Issue] = []
    lower, upper = definition.lower, definition.upper
    baseline = rules.baseline if isinstance(rules.baseline, Decimal) else None
    named = (
        ("target", _as_band(rules.target)),
        ("baseline", _as_band(baseline)),
        ("warn", rules.warn),
        ("breach", rules.breach),
    )
    for name, band in named:
        for line in () if band is None else (band.low, band.high):
            if line is not None and (
                (lower is not None and line < lower) or (upper is not None and line > upper)
            ):
                detail = f"{line} lies outside the figure's bounds ({definition.unit})."
                issues.append(Issue(f"/{name}", "out_of_bounds", detail))
                break
    return issues


def _out_of_order(rules: Rules) -> list[Issue]:
    warn, breach = rules.warn, rules.breach
    wrong = False
    if warn is not None and breach is not None:
        low_wrong = warn.low is not None and breach.low is not None and breach.low > warn.low
        wrong = low_wrong or (warn.high is not None and breach.high is not None and breach.high < warn.high)
    by = {(one.level, one.side, one.to, one.times): one.by for one in rules.relations}
    for (level, side, to, times), amount in by.items():
        other = by.get(("warn", side, to, times))
        if level == "breach" and other is not None and (amount > other if side == "low" else amount < other):
            wrong = wrong or rules.open
    detail = "The breach line must not come before the warn line."
    return [Issue("/breach", "order", detail)] if wrong else []


def _recovery(rules: Rules, definition: Definition) -> list[Issue]:
    issues: list[Issue] = []
    for band in (rules.warn, rules.breach):
        if band is not None and rules.recovery and not _reachable(band, rules.recovery, definition):
            issues.append(Issue("/recovery", "unreachable", "No figure is that far inside the lines."))
            break
    if rules.recovery < ZERO:
        issues.append(Issue("/recovery", "negative", "Must be 0 or more."))
    return issues


def _reachable(band: Band, recovery: Decimal, definition: Definition) -> bool:
    from_low = definition.lower if band.low is None else band.low + recovery
    to_high = definition.upper if band.high is None else band.high - recovery
    if from_low is None or to_high is None:
        return True
    return from_low <= to_high


def _relations(rules: Rules, definition: Definition, given: Mapping[str, Any]) -> list[Issue]:
    used = {relation.to for relation in rules.relations}
    issues = [
        Issue(f"/{name}", "unused", f"No line is relative to it: say {name}_times or {name}_plus in one.")
        for name in ("baseline", "before")
        if name in given and name not in used
    ]
    issues += [issue for relation in rules.relations if (issue := _factor(relation, rules, definition))]
    back, window = rules.before, rules.window
    if "before" in used and window is not None and not back.years and window.most > back.periods:
        detail = "The window reaches into the figure that it is compared with: look back further."
        issues.append(Issue("/before/periods" if "before" in given else "/before", "overlap", detail))
    return issues


def _factor(relation: Relation, rules: Rules, definition: Definition) -> Issue | None:
    """A factor on what may be below 0 turns the line round: 0.9 times -10 is better than -10."""
    where = f"/{relation.level}/{relation.side}" if rules.direction == "range" else f"/{relation.level}"
    if not relation.times:
        return None
    if relation.by <= ZERO:
        return Issue(f"{where}/{relation.to}_times", "not_positive", "A factor is above 0.")
    below = definition.lower is not None and definition.lower < ZERO
    if (
        relation.to != "target"
        and below
        and not (relation.to == "baseline" and isinstance(rules.baseline, Decimal) and rules.baseline > ZERO)
    ):
        detail = f"Figures of this KPI may be below 0, where a factor turns round: say {relation.to}_plus."
        return Issue(where, "factor_turns_round", detail)
    return None


def _as_band(target: Decimal | Band | None) -> Band | None:
    return Band(target, target) if isinstance(target, Decimal) else target
