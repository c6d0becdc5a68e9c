"""From a KPI's body to what it means: definition, parts of a ratio, rules, each by its one validator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from kpis.actions.definitions import Meant
from kpis.models.definitions import Kpi, KpiRevision
from kpis.models.exact_json import as_stored
from kpis.queries.definitions import definition_now, kpi
from kpis.serializers.kpis import NULLABLE
from kpis.series.definition import Definition
from kpis.series.definition_input import parse_definition
from kpis.series.kinds import KINDS
from kpis.series.method import PERIODS
from kpis.series.resample import not_in_periods
from kpis.series.thresholds_input import parse_rules
from service.errors import Issue, NotFound, ValidationProblem

_DEFINITION = tuple(field.name for field in fields(Definition))
_PARTS = ("numerator_kpi", "denominator_kpi")
_OWN = ("key", "name", "description", "owner", "attributes")
# What a change of kind or method leaves as it is; all else is the new method's unless it is sent along.
_KEPT = ("period", "zone", "holds", "settle_s")


def own_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the KPI's row that a body sets."""
    return {"key": None} | {name: values[name] for name in _OWN if name in values}


def meaning(
    values: Mapping[str, Any], *, workspace_id: uuid.UUID, zone: str, itself: uuid.UUID | None = None
) -> tuple[Meant, Mapping[str, Any] | None]:
    """Return what a checked body means, and its rules. Raises ValidationProblem with every issue.

    zone: of the periods, unless the body or a ratio's numerator names one. itself: the KPI that is changed.
    """
    given = {name: values[name] for name in _DEFINITION if name in values}
    parts, issues = _parts(values, workspace_id, itself)
    for name in ("zone", "period"):
        if parts and name not in given:
            given[name] = getattr(parts[0][1], name)
    parsed = parse_definition({"zone": zone} | given)
    if isinstance(parsed, list):
        raise ValidationProblem([*parsed, *issues])
    issues += _check_parts(parsed, [definition for _, definition in parts]) if parts else []
    rules = as_stored(values.get("thresholds"))
    if rules is not None:
        checked = parse_rules(rules, parsed)
        issues += [issue.under("/thresholds") for issue in checked] if isinstance(checked, list) else []
    if issues:
        raise ValidationProblem(issues)
    if not parts:
        return Meant(parsed), rules
    (numerator, _), (denominator, _) = parts
    return Meant(parsed, numerator.id, denominator.id), rules


def given_by(row: Kpi, current: KpiRevision, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a PATCH is merged into: the KPI as one would send it.

    Another kind or method starts from its own definition, but for the time that the KPI keeps.
    """
    definition = dict(current.definition)
    changed = any(name in patch and patch[name] != definition[name] for name in ("kind", "method"))
    if changed:
        definition = {name: definition[name] for name in _kept(definition, patch)}
    given = {name: getattr(row, name) for name in _OWN if getattr(row, name) is not None}
    given |= definition | {"thresholds": row.rules}
    if current.numerator_kpi_id is not None and not changed:
        given |= {name: str(getattr(current, f"{name}_id")) for name in _PARTS}
    return given


def _kept(definition: Mapping[str, Any], patch: Mapping[str, Any]) -> tuple[str, ...]:
    kind = KINDS.get(str(patch.get("kind", definition["kind"])))
    methods = kind.methods if kind else ()
    row = next((row for row in methods if patch.get("method") in (None, row.key)), None)
    takes_the_same = row is not None and definition["input"] in row.inputs
    return ("kind", "input", *_KEPT) if takes_the_same else ("kind", *_KEPT)


def with_nulls(merged: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a merged body in which the nulls of a patch say null, where null is something to say."""
    return {**merged, **{name: None for name in NULLABLE if name in patch and patch[name] is None}}


def _parts(
    values: Mapping[str, Any], workspace_id: uuid.UUID, itself: uuid.UUID | None
) -> tuple[list[tuple[Kpi, Definition]], list[Issue]]:
    """Return the two KPIs of a ratio with their definitions, or nothing; and what is wrong with them."""
    is_ratio = values["kind"] == "ratio"
    issues = [
        Issue(f"/{name}", "required", "A ratio names two KPIs.")
        if is_ratio
        else Issue(f"/{name}", "not_taken", "Only a KPI of kind ratio names two others.")
        for name in _PARTS
        if is_ratio is (values.get(name) is None)
    ]
    if issues or not is_ratio:
        return [], issues
    parts: list[tuple[Kpi, Definition]] = []
    for name in _PARTS:
        try:
            row = kpi(workspace_id, values[name])
        except NotFound as unknown:
            issues.append(Issue(f"/{name}", "unknown_kpi", unknown.detail))
            continue
        definition = definition_now(row)
        parts.append((row, definition))
        if row.archived_at is not None:
            issues.append(Issue(f"/{name}", "archived", "This KPI is archived."))
        if row.id == itself or definition.row.form == "of_kpis":
            issues.append(Issue(f"/{name}", "ratio_of_ratio", "A ratio divides KPIs that have readings."))
    return ([] if issues else parts), issues


def _check_parts(ratio: Definition, parts: list[Definition]) -> list[Issue]:
    """Figures are divided that are of the same period, or that can be summed into it."""
    issues: list[Issue] = []
    for name, part in zip(_PARTS, parts, strict=True):
        if part.period is None or ratio.period is None:
            issues.append(Issue(f"/{name}", "no_period", "A ratio divides figures of periods."))
        elif PERIODS.index(part.period) > PERIODS.index(ratio.period):
            detail = f"Its {part.period}s cannot be split into the ratio's {ratio.period}s."
            issues.append(Issue(f"/{name}", "period_too_long", detail))
        elif part.period != ratio.period and (part.stocked or not part.row.summable):
            issues.append(
                Issue(f"/{name}", "not_summable", "Its figures cannot be summed to longer periods.")
            )
        elif unfit := not_in_periods(part, ratio.period, None):
            issues.append(Issue(f"/{name}", unfit.code, unfit.detail))
        if part.zone != ratio.zone:
            detail = f"Its periods begin in {part.zone}, the ratio's in {ratio.zone}."
            issues.append(Issue(f"/{name}", "zone_mismatch", detail))
    return issues
