"""From a KPI's body to what it means: definition, inputs, rules, each by its one validator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from kpis.models.definitions import Kpi, KpiRevision
from kpis.models.exact_json import as_stored
from kpis.queries.definitions import definition_now, open_kpi, read_definition
from kpis.queries.feeds import feed_ids
from kpis.serializers.kpis import NULLABLE
from kpis.serializers.kpis_answer import ratio_sides
from kpis.serializers.kpis_made import SIDES, made_of
from kpis.series.definition import Definition
from kpis.series.definition_input import parse_definition
from kpis.series.derivation import check_invited
from kpis.series.feeds import API
from kpis.series.kinds import KINDS
from kpis.series.thresholds_input import parse_rules
from service.errors import Issue, NotFound, ValidationProblem

_DEFINITION = tuple(field.name for field in fields(Definition))
# What cannot be said of a KPI while those that it is made of are not known.
_OF_INPUTS = ("/expression", "/unit")
_OWN = ("key", "name", "description", "owner", "attributes")
# What a change of kind or method leaves as it is; all else is the new method's unless it is sent along.
_KEPT = ("period", "zone", "holds", "settle_s", "combine", "feeds")


def own_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the KPI's row that a body sets."""
    return {"key": None} | {name: values[name] for name in _OWN if name in values}


def meaning(
    values: Mapping[str, Any], *, workspace_id: uuid.UUID, zone: str
) -> tuple[Definition, Mapping[str, Any] | None]:
    """Return what a checked body means, and its rules. Raises ValidationProblem with every issue.

    zone: of the periods, unless the body or the KPIs that it is made of name one.
    """
    given = {name: values[name] for name in _DEFINITION if name in values}
    made, issues = made_of(values, workspace_id)
    if made is not None:
        given = made.defaults | given | {"expression": made.expression}
    elif issues:
        given.pop("expression", None)
    invited = None
    if given.get("invited_kpi") is not None:
        invited, unknown = _invited(given["invited_kpi"], workspace_id)
        issues += unknown
        given["invited_kpi"] = None if invited is None else str(invited.id)
    parsed = parse_definition({"zone": zone} | given)
    if isinstance(parsed, list):
        told = [
            issue for issue in parsed if made is not None or not issues or issue.pointer not in _OF_INPUTS
        ]
        raise ValidationProblem([*told, *issues])
    issues += _check_feeds(parsed, workspace_id)
    if invited is not None:
        found = check_invited(parsed, definition_now(invited))
        issues += [Issue("/invited_kpi", issue.code, issue.detail) for issue in found]
    issues += made.check(parsed) if made is not None else []
    rules = as_stored(values.get("thresholds"))
    if rules is not None:
        checked = parse_rules(rules, parsed)
        issues += [issue.under("/thresholds") for issue in checked] if isinstance(checked, list) else []
    if issues:
        raise ValidationProblem(issues)
    return parsed, rules


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
    if definition["kind"] == "ratio" and not changed:
        sides = ratio_sides(read_definition(current.definition))
        given |= dict(zip(SIDES, sides, strict=True)) | {"expression": None}
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


def _invited(ref: str, workspace_id: uuid.UUID) -> tuple[Kpi | None, list[Issue]]:
    try:
        return open_kpi(workspace_id, ref), []
    except NotFound as unknown:
        return None, [Issue("/invited_kpi", "unknown_kpi", unknown.detail)]


def _check_feeds(definition: Definition, workspace_id: uuid.UUID) -> list[Issue]:
    known = {API, *map(str, feed_ids(workspace_id))} if definition.feeds else set()
    return [
        Issue(f"/feeds/{place}", "unknown_feed", "There is no such source or inbound endpoint here.")
        for place, name in enumerate(definition.feeds)
        if name not in known
    ]
