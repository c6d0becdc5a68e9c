"""The KPIs that a KPI is made of: named by key or id, found, and checked against each other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpis.models.definitions import Kpi
from kpis.queries.definitions import kpi
from kpis.queries.points_plan import FOREVER
from kpis.queries.state_rules import Meaning, meanings
from kpis.series.definition import Definition
from kpis.series.derivation import check_leaves
from kpis.series.expression import Call, Node, Ref, references, renamed
from kpis.series.expression_text import ExpressionError, parse_expression
from kpis.series.expression_unit import Unit, expression_unit, unit_of
from kpis.series.method import PERIODS
from service.errors import Issue, NotFound

SIDES = ("numerator_kpi", "denominator_kpi")


@dataclass(frozen=True, slots=True)
class Made:
    """An expression whose references were found. unit: of the expression, as far as it can be told.

    kpis: by reference. meant: what they, and all that they are made of, mean now. where: the field of the
    body that names a reference.
    """

    node: Node
    kpis: Mapping[str, Kpi]
    meant: Mapping[uuid.UUID, Meaning]
    where: Mapping[str, str]
    unit: Unit

    @property
    def expression(self) -> str:
        """Return the expression with ids, as it is kept: keys may change."""
        return renamed(self.node, lambda ref: str(self.kpis[ref.name].id))

    @property
    def defaults(self) -> dict[str, Any]:
        """Return what a body need not say: a ratio has its numerator's time, all else the longest period."""
        inputs = [self.meant[self.kpis[ref.name].id].definition for ref in references(self.node)]
        periods = [one.period for one in inputs if one.period is not None]
        given: dict[str, Any] = {"zone": inputs[0].zone}
        if self._is_ratio:
            return given | {"period": inputs[0].period}
        if periods:
            given["period"] = max(periods, key=PERIODS.index)
        if self.unit.name is not None:
            given |= {"unit": self.unit.name, "currency": self.unit.currency}
        return given

    def check(self, made: Definition) -> list[Issue]:
        """Return why the expression cannot be what the definition says."""
        issues = [issue for name in self.kpis for issue in self._check_input(name, made)]
        told = Unit(made.unit, made.currency)
        certain = self.unit.name in ("seconds", "currency") and not self._is_ratio
        if certain and told != self.unit:
            issues.append(Issue("/unit", "unit", f"The expression is in {self.unit}."))
        return issues

    def _check_input(self, name: str, made: Definition) -> list[Issue]:
        row = self.kpis[name]
        leaves = [self.meant[leaf].definition for leaf in self.meant[row.id].made.leaves]
        found = [Issue("", "archived", "This KPI is archived.")] if row.archived_at is not None else []
        found += check_leaves(made, leaves)
        told = {issue.code: issue for issue in found}.values()
        return [Issue(self.where[name], issue.code, f"{name}: {issue.detail}") for issue in told]

    @property
    def _is_ratio(self) -> bool:
        return "/expression" not in self.where.values()


def made_of(values: Mapping[str, Any], workspace_id: uuid.UUID) -> tuple[Made | None, list[Issue]]:
    """Return what a body is made of, None where it is of a kind with readings; and what is wrong with it."""
    kind = values["kind"]
    if kind == "ratio":
        return _ratio(values, workspace_id)
    issues = [
        Issue(f"/{name}", "not_taken", "Only a KPI of kind ratio names two others.")
        for name in SIDES
        if values.get(name) is not None
    ]
    text = values.get("expression")
    if kind != "derived" or text is None:  # the definition's own check says that one is missing, or too many
        return None, issues
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        return None, [*issues, Issue("/expression", "expression", str(error))]
    found, unknown = _found(
        node, dict.fromkeys((ref.name for ref in references(node)), "/expression"), workspace_id
    )
    return found, issues + unknown


def _ratio(values: Mapping[str, Any], workspace_id: uuid.UUID) -> tuple[Made | None, list[Issue]]:
    missing = [name for name in SIDES if values.get(name) is None]
    if missing:
        return None, [Issue(f"/{name}", "required", "A ratio names two KPIs.") for name in missing]
    above, below = (str(values[name]) for name in SIDES)
    where = {below: f"/{SIDES[1]}", above: f"/{SIDES[0]}"}
    found, issues = _found(Call("/", (Ref(above, 0), Ref(below, 0)), 0), where, workspace_id)
    if above == below:
        issues += [Issue(f"/{SIDES[1]}", issue.code, issue.detail) for issue in issues]
    text = values.get("expression")
    if found is not None and text is not None and not _says(text, found, workspace_id):
        detail = "It is its numerator divided by its denominator; leave it out, or choose kind derived."
        issues.append(Issue("/expression", "not_taken", detail))
    return found, issues


def _says(text: str, made: Made, workspace_id: uuid.UUID) -> bool:
    """Say whether an expression that comes along with a ratio is that ratio."""
    try:
        node = parse_expression(text)
    except ExpressionError:
        return False
    found, _ = _found(node, {ref.name: "" for ref in references(node)}, workspace_id)
    return found is not None and found.expression == made.expression


def _found(node: Node, where: Mapping[str, str], workspace_id: uuid.UUID) -> tuple[Made | None, list[Issue]]:
    kpis: dict[str, Kpi] = {}
    issues: list[Issue] = []
    places = {ref.name: ref.at for ref in reversed(list(references(node)))}
    for name, at in places.items():
        try:
            kpis[name] = kpi(workspace_id, name)
        except NotFound as unknown:
            place = f" At character {at + 1}." if where[name] == "/expression" else ""
            issues.append(Issue(where[name], "unknown_kpi", f"{unknown.detail}{place}{_hint(name, place)}"))
    if not kpis and not issues:
        issues.append(Issue("/expression", "no_kpi", "It names no KPI."))
    if issues:
        return None, issues
    ids = [row.id for row in kpis.values()]
    meant = meanings(workspace_id=workspace_id, kpi_ids=ids, as_of=FOREVER, known_at=None)
    units = {name: unit_of(meant[row.id].definition) for name, row in kpis.items()}
    try:
        return Made(node, kpis, meant, where, expression_unit(node, units)), []
    except ExpressionError as error:
        return None, [Issue("/expression", "unit_mismatch", str(error))]


def _hint(name: str, place: str) -> str:
    return " For a difference write spaces: a - b." if place and "-" in name else ""
