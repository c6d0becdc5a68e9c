"""What is wrong with a KPI's definition, each issue with a JSON Pointer to its field."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from kpis.series.definition import Definition, defaults
from kpis.series.definition_feeds import check_feeds, check_total
from kpis.series.expression import references
from kpis.series.expression_text import ExpressionError, parse_expression
from kpis.series.kinds import KINDS
from kpis.series.method import DEDUPES, DIRECTIONS, EVENT_VALUES, PERIODS, Method
from kpis.series.money import is_currency
from kpis.series.stock_terms import TERMS
from service.errors import Issue

_MOST_STEPS = 101
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_SETTLE_S = 366 * 86400
_LONGEST_WINDOW_S = 10 * 366 * 86400
_TIMELESS = ("last", "mean", "quantile", "score", "balance")


def check_definition(definition: Definition) -> list[Issue]:
    """Return everything that is wrong with a definition, with a JSON Pointer to each field."""
    issues = check_kind(definition.kind, definition.method)
    if issues:
        return issues
    row = definition.row
    return [
        *_check_scale(definition, row),
        *_check_unit(definition, row),
        *_check_intake(definition, row),
        *_check_time(definition, row),
        *_check_bounds(definition, row),
        *_check_stock(definition, row),
        *_check_window(definition, row),
        *_check_expression(definition, row),
        *_check_plausibility(definition),
        *check_feeds(definition, row),
        *check_total(definition, row),
        *_check_invited(definition),
    ]


def check_kind(kind_key: str, method: str | None) -> list[Issue]:
    """Return the issue of a kind, or of its method (None: the first), that the table does not know."""
    kind = KINDS.get(kind_key)
    if kind is None:
        return [Issue("/kind", "unknown_kind", f"Known kinds: {', '.join(KINDS)}.")]
    methods = [row.key for row in kind.methods]
    if method is not None and method not in methods:
        return [Issue("/method", "unknown_method", f"Methods of {kind.key}: {', '.join(methods)}.")]
    return []


def _check_scale(definition: Definition, row: Method) -> list[Issue]:
    low, high = definition.scale_min, definition.scale_max
    if row.scale is None:
        unwanted = [name for name, value in (("scale_min", low), ("scale_max", high)) if value is not None]
        return [Issue(f"/{name}", "no_scale", "This method has no scale of answers.") for name in unwanted]
    if low is None or high is None:
        return [Issue("/scale_min", "required", "This method needs its lowest and highest answer.")]
    if row.fixed_scale and (low, high) != row.scale:
        return [
            Issue("/scale_max", "fixed_scale", f"This method is defined on {row.scale[0]} to {row.scale[1]}.")
        ]
    least = max(2, row.top + 1)
    if not least <= high - low + 1 <= _MOST_STEPS:
        return [Issue("/scale_max", "scale", f"The scale must have {least} to {_MOST_STEPS} whole steps.")]
    return []


def _check_unit(definition: Definition, row: Method) -> list[Issue]:
    issues: list[Issue] = []
    unit = definition.unit
    if row.form != "of_kpis" and row.unit and unit != row.unit:
        hint = " Readings may be sent with unit: percent." if unit == "percent" else ""
        issues.append(Issue("/unit", "unit", f"The figure of this method is in {row.unit}.{hint}"))
    elif unit == "percent":
        issues.append(
            Issue("/unit", "unit", "Shares are fractions; readings may be sent with unit: percent.")
        )
    elif not unit or len(unit) > 40 or not unit.isprintable():
        issues.append(Issue("/unit", "unit", "Name the unit in 1 to 40 printable characters."))
    if unit == "currency" and (definition.currency is None or not is_currency(definition.currency)):
        issues.append(
            Issue("/currency", "currency", "A figure in money names one ISO 4217 code, such as EUR.")
        )
    if unit != "currency" and definition.currency is not None:
        issues.append(Issue("/currency", "currency", "Only a figure with unit: currency has one."))
    if definition.direction not in DIRECTIONS:
        issues.append(Issue("/direction", "choice", f"One of {', '.join(DIRECTIONS)}."))
    return issues


def _check_intake(definition: Definition, row: Method) -> list[Issue]:
    issues: list[Issue] = []
    inputs = row.inputs or ("none",)
    if definition.input not in inputs:
        issues.append(Issue("/input", "choice", f"This method takes {', '.join(inputs)}."))
    if definition.holds not in ("figures", "events"):
        issues.append(Issue("/holds", "choice", "One of figures, events."))
    elif definition.input == "answers" and definition.holds != "events":
        issues.append(Issue("/holds", "holds", "Single answers are events: say holds: events."))
    elif definition.input in ("distribution", "none") and definition.holds == "events":
        issues.append(Issue("/holds", "holds", "An event is one answer, one value or one part of a rate."))
    elif definition.holds == "events" and definition.input == "value" and row.form not in EVENT_VALUES:
        issues.append(
            Issue("/holds", "holds", "Events of this method bring parts or answers, not its figure.")
        )
    if definition.min_n < 0:
        issues.append(Issue("/min_n", "negative", "Must be 0 or more."))
    return issues


def _check_time(definition: Definition, row: Method) -> list[Issue]:
    issues: list[Issue] = []
    if definition.period is None and (row.form not in _TIMELESS or definition.input == "answers"):
        issues.append(
            Issue("/period", "required", f"This KPI is a figure per period: one of {', '.join(PERIODS)}.")
        )
    if definition.period is not None and definition.period not in PERIODS:
        issues.append(Issue("/period", "choice", f"One of {', '.join(PERIODS)}, or null."))
    try:
        ZoneInfo(definition.zone)
    except (KeyError, ValueError, OSError):  # unknown; not a zone's name; a folder of zones
        issues.append(Issue("/zone", "zone", "Must be an IANA time zone, such as Europe/Paris."))
    if not 0 <= definition.settle_s <= _LONGEST_SETTLE_S:
        issues.append(Issue("/settle_s", "range", f"Must be 0 to {_LONGEST_SETTLE_S} seconds."))
    elif definition.settle_s and definition.period is None:
        issues.append(Issue("/settle_s", "range", "Only the figures of periods settle."))
    return issues


def _check_bounds(definition: Definition, row: Method) -> list[Issue]:
    issues: list[Issue] = []
    lower, upper = definition.lower, definition.upper
    if lower is not None and upper is not None and lower >= upper:
        issues.append(Issue("/upper", "bounds", "The upper bound must lie above the lower one."))
    natural = defaults(definition.kind, definition.method, _own_scale(definition, row))
    if natural.lower is not None and (lower is None or lower < natural.lower):
        issues.append(Issue("/lower", "bounds", f"Figures of this method are at least {natural.lower}."))
    if natural.upper is not None and (upper is None or upper > natural.upper):
        issues.append(Issue("/upper", "bounds", f"Figures of this method are at most {natural.upper}."))
    return issues


def _check_stock(definition: Definition, row: Method) -> list[Issue]:
    issues: list[Issue] = []
    for term in TERMS:
        said = getattr(definition, term.name)
        if not row.flows and said is not None:
            issues.append(Issue(f"/{term.name}", "no_stock", "This method is of no stock of customers."))
        elif row.flows and said not in term.values:
            issues.append(Issue(f"/{term.name}", "choice", f"One of {', '.join(term.values)}."))
    if row.flows and not row.counted and definition.stocked and definition.holds == "events":
        detail = "What revenue joined, grew and was lost is told per period: say holds: figures."
        issues.append(Issue("/holds", "holds", detail))
    return issues


def _check_window(definition: Definition, row: Method) -> list[Issue]:
    """Within what time a step must follow, and of whom it counts once."""
    given = [name for name in ("window_s", "dedupe") if getattr(definition, name) is not None]
    if not row.windowed:
        return [Issue(f"/{name}", "not_taken", "Only steps of a journey have one.") for name in given]
    issues: list[Issue] = []
    if definition.window_s is not None and not 1 <= definition.window_s <= _LONGEST_WINDOW_S:
        issues.append(Issue("/window_s", "range", f"Must be 1 to {_LONGEST_WINDOW_S} seconds."))
    if definition.dedupe is not None and definition.dedupe not in DEDUPES:
        issues.append(Issue("/dedupe", "choice", f"One of {', '.join(DEDUPES)}, or null."))
    return issues


def _check_expression(definition: Definition, row: Method) -> list[Issue]:
    """References are ids here; whoever takes keys has resolved them."""
    if row.form != "of_kpis":
        unwanted = definition.expression is not None
        return [Issue("/expression", "not_taken", "Only KPIs made of KPIs have one.")] if unwanted else []
    if definition.expression is None:
        return [Issue("/expression", "required", "Say of which KPIs it is made, such as (a + b) / c.")]
    try:
        found = list(references(parse_expression(definition.expression)))
    except ExpressionError as error:
        return [Issue("/expression", "expression", str(error))]
    issues = [
        Issue("/expression", "unknown_kpi", f"{ref.name!r} at character {ref.at + 1} is no id of a KPI.")
        for ref in found
        if not _ID.fullmatch(ref.name)
    ]
    return issues or ([] if found else [Issue("/expression", "no_kpi", "It names no KPI.")])


def _check_plausibility(definition: Definition) -> list[Issue]:
    if definition.plausibility is None:
        return []
    if definition.holds == "events" and definition.period is None and definition.plausibility.jumps:
        detail = "Single events may differ by any amount: name bounds, or the period of the figures."
        return [Issue("/plausibility", "no_jumps", detail)]
    return []


def _check_invited(definition: Definition) -> list[Issue]:
    """An id here; whoever takes keys has resolved it."""
    invited = definition.invited_kpi
    if invited is None:
        return []
    if not KINDS[definition.kind].solicited or definition.period is None:
        return [Issue("/invited_kpi", "not_taken", "Only of a survey, by the period, somebody is asked.")]
    if not _ID.fullmatch(invited):
        return [Issue("/invited_kpi", "unknown_kpi", "It is no id of a KPI.")]
    return []


def _own_scale(definition: Definition, row: Method) -> tuple[int, int] | None:
    if row.scale is None or definition.scale_min is None or definition.scale_max is None:
        return None
    return (definition.scale_min, definition.scale_max)
