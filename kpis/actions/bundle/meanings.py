"""Definitions and thresholds of an imported workspace, asked what any client's are asked.

They are read back once all rows are there: thresholds are judged by the definitions of their KPI.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

from kpis.models import Binding, Kpi, KpiRevision, Rule
from kpis.series.definition import LATER, Definition
from kpis.series.definition_input import definition_json, parse_definition
from kpis.series.derivation import check_graph, named_by
from kpis.series.thresholds_input import parse_rules
from service.bundle.lines import InvalidBundle
from service.errors import Issue

_WHOLE = {
    "The KPI {} lacks the revision that it names.": """
SELECT id FROM kpi k WHERE workspace_id = %(workspace)s AND revision <> (
  SELECT coalesce(max(number), 0) FROM kpi_revision r
  WHERE r.workspace_id = k.workspace_id AND r.kpi_id = k.id) LIMIT 1
""",
    "The binding {} has no terms.": """
SELECT id FROM binding b WHERE workspace_id = %(workspace)s AND NOT EXISTS (
  SELECT FROM binding_term t WHERE t.workspace_id = b.workspace_id AND t.binding_id = b.id
    AND t.journey_map_id = b.journey_map_id) LIMIT 1
""",
    "The binding {} is at an element of another map.": """
SELECT b.id FROM binding b JOIN element e ON e.workspace_id = b.workspace_id AND e.id = b.element_id
WHERE b.workspace_id = %(workspace)s AND e.journey_map_id <> b.journey_map_id LIMIT 1
""",
    "The snapshot {} is of a version that is not in the bundle.": """
SELECT s.id FROM snapshot s JOIN audience_view w ON w.workspace_id = s.workspace_id AND w.id = s.view_id
WHERE s.workspace_id = %(workspace)s AND NOT EXISTS (
  SELECT FROM version v WHERE v.workspace_id = s.workspace_id AND v.journey_map_id = w.journey_map_id
    AND v.number = s.version) LIMIT 1
""",
    "The improvement {} has no terms.": """
SELECT id FROM improvement i WHERE workspace_id = %(workspace)s AND NOT EXISTS (
  SELECT FROM improvement_term t WHERE t.workspace_id = i.workspace_id AND t.improvement_id = i.id
    AND t.journey_map_id = i.journey_map_id) LIMIT 1
""",
    "The improvement {} is at an element of another map.": """
SELECT t.improvement_id FROM improvement_term t WHERE t.workspace_id = %(workspace)s AND EXISTS (
  SELECT FROM unnest(t.elements) AS named (id) WHERE NOT EXISTS (
    SELECT FROM element e WHERE e.workspace_id = t.workspace_id AND e.id = named.id
      AND e.journey_map_id = t.journey_map_id)) LIMIT 1
""",
    "The improvement {} aims at a KPI that is not in the bundle.": """
SELECT t.improvement_id FROM improvement_term t WHERE t.workspace_id = %(workspace)s AND EXISTS (
  SELECT FROM jsonb_array_elements(t.aims) AS aim WHERE NOT EXISTS (
    SELECT FROM kpi k WHERE k.workspace_id = t.workspace_id AND k.id = (aim->>'kpi')::uuid)) LIMIT 1
""",
}


def check_meanings(*, workspace_id: uuid.UUID, line: int) -> None:
    """Raises InvalidBundle, at `line`, naming what is wrong."""
    with connection.cursor() as cursor:
        for detail, sql in _WHOLE.items():
            cursor.execute(sql, {"workspace": workspace_id})
            if found := cursor.fetchone():
                raise InvalidBundle(line, Issue("", "incomplete", detail.format(found[0])))
    definitions = _definitions(workspace_id, line)
    for what, kpi_id, rules in _rules(workspace_id):
        wrong = [parse_rules(rules, one) for one in definitions[kpi_id]]
        if all(isinstance(each, list) for each in wrong):
            issue = next(each[0] for each in wrong if isinstance(each, list))
            raise InvalidBundle(
                line, Issue(issue.pointer, issue.code, f"Thresholds of {what}: {issue.detail}")
            )


def _definitions(workspace_id: uuid.UUID, line: int) -> Mapping[uuid.UUID, list[Definition]]:
    found: dict[uuid.UUID, list[Definition]] = defaultdict(list)
    for row in KpiRevision.objects.filter(workspace_id=workspace_id):
        found[row.kpi_id].append(taken_definition(row, line))
    _check_made_of(found, line)
    return found


def taken_definition(row: KpiRevision, line: int) -> Definition:
    """Return what a revision that was taken in means. Raises InvalidBundle, at `line`."""
    parsed = parse_definition(row.definition)
    if isinstance(parsed, Definition) and definition_json(parsed).keys() - {*row.definition, *LATER}:
        parsed = [Issue("", "incomplete", "Members are missing.")]
    if isinstance(parsed, list):
        what = f"Revision {row.number} of the KPI {row.kpi_id}: {parsed[0].detail}"
        raise InvalidBundle(line, Issue(parsed[0].pointer, parsed[0].code, what))
    if list(named_by(parsed)) != row.inputs:
        detail = f"Revision {row.number} of the KPI {row.kpi_id} is made of other KPIs than it says."
        raise InvalidBundle(line, Issue("", "inputs", detail))
    return parsed


def _check_made_of(definitions: Mapping[uuid.UUID, list[Definition]], line: int) -> None:
    made_of = {
        kpi: {one for definition in revisions for one in named_by(definition)}
        for kpi, revisions in definitions.items()
    }
    for kpi, inputs in made_of.items():
        if missing := inputs - made_of.keys():
            detail = f"The KPI {kpi} is made of {min(missing)}, which is not in the bundle."
            raise InvalidBundle(line, Issue("", "incomplete", detail))
        if issues := check_graph(kpi, inputs, made_of) if inputs else []:
            raise InvalidBundle(line, Issue("", issues[0].code, f"The KPI {kpi}: {issues[0].detail}"))


def _rules(workspace_id: uuid.UUID) -> Iterator[tuple[str, uuid.UUID, Any]]:
    """Yield all thresholds, those that hold and those that held: (whose, KPI, rules)."""
    for kpi in Kpi.objects.filter(workspace_id=workspace_id, rules__isnull=False):
        yield f"the KPI {kpi.id}", kpi.id, kpi.rules
    for binding in Binding.objects.filter(workspace_id=workspace_id, rules__isnull=False):
        yield f"the binding {binding.id}", binding.kpi_id, binding.rules
    bound = dict(Binding.objects.filter(workspace_id=workspace_id).values_list("id", "kpi_id"))
    for rule in Rule.objects.filter(workspace_id=workspace_id, rules__isnull=False):
        if rule.kpi_id is not None:
            yield f"the KPI {rule.kpi_id}", rule.kpi_id, rule.rules
        elif rule.binding_id is not None:
            yield f"the binding {rule.binding_id}", bound[rule.binding_id], rule.rules
