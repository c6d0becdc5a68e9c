"""KPIs: made, changed and archived. What a KPI means is insert-only: a change opens a revision.

A revision that changes what is measured (kind, method, unit, scale, period, zone …) begins new series; one
that changes only how figures are judged (direction, bounds, min_n …) keeps them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from kpis.actions import findings_drift, findings_totals
from kpis.actions.findings import end_findings
from kpis.actions.readings_series import part_series
from kpis.actions.rules import set_rules
from kpis.actions.states import hold_series, refresh_bindings
from kpis.models.bindings import Binding
from kpis.models.definitions import Kpi
from kpis.queries.definitions import ever_made_of, kpis, made_of_it, read_definition, revision
from kpis.queries.points_plan import FOREVER
from kpis.queries.sql import statement
from kpis.queries.state_rules import meanings
from kpis.series.definition import Definition
from kpis.series.definition_input import definition_json
from kpis.series.derivation import check_graph, check_invited, check_leaves, named_by
from kpis.series.exact import encode
from service import resources
from service.errors import Conflict, NotFound, ValidationProblem
from service.ids import new_id
from service.preconditions import IfMatch
from service.tenancy import advisory_lock

KPIS = 2000
_ADD = statement("add_revision")
# What stands at a figure besides what the definition says.
_SHOWN = ("name", "key", "rules")
_JUDGED_BY = (
    "direction",
    "lower",
    "upper",
    "sampled",
    "min_n",
    "settle_s",
    "plausibility",
    "combine",
    "feeds",
    "total",
    "invited_kpi",
)


class InUse(Conflict):
    code, title = "in_use", "Something else stands on this."


class SeveralFeeds(Conflict):
    code, title = "several_feeds", "What feeds told apart cannot become one series."


@transaction.atomic
def create_kpi(
    *,
    workspace_id: uuid.UUID,
    fields: Mapping[str, Any],
    meant: Definition,
    rules: Mapping[str, Any] | None,
    at: datetime,
) -> Kpi:
    """Make a KPI with its first definition, which holds for all history. Raises KeyTaken, LimitReached.

    fields: key, name, description, owner, attributes. meant, rules: checked.
    """
    resources.check_limit(kpis(workspace_id), workspace_id=workspace_id, name="kpis", default=KPIS)
    row = Kpi(id=new_id(), workspace_id=workspace_id, rules=rules, created_at=at, updated_at=at, **fields)
    resources.add(row)
    _add_revision(row, meant, measure=1, at=at)
    if rules is not None:
        set_rules(workspace_id=workspace_id, kpi_id=row.id, rules=rules, valid_from=None, at=at)
    return row


def hold_kpi(row: Kpi) -> Kpi:
    """Lock the KPI until the transaction ends and return it as it stands: a patch is merged into that.

    Its series come first, as whoever records readings may make one, which looks at the KPI's row. Raises
    NotFound when it was archived meanwhile.
    """
    hold_series(workspace_id=row.workspace_id, kpi_ids=[row.id])
    held = Kpi.objects.select_for_update(no_key=True).filter(pk=row.pk, archived_at=None).first()
    if held is None:
        raise NotFound
    return held


@transaction.atomic
def change_kpi(
    *,
    row: Kpi,
    fields: Mapping[str, Any],
    meant: Definition,
    rules: Mapping[str, Any] | None,
    expected: IfMatch,
    at: datetime,
) -> Kpi:
    """Change a KPI that is held; another definition opens a revision, other rules hold from `at` on.

    Raises PreconditionFailed, KeyTaken, NotFound, InUse.
    """
    current = revision(row)
    was = read_definition(current.definition)
    values = dict(fields) | {"rules": rules}
    if meant != was:
        values["revision"] = row.revision + 1
    changed = resources.change(row, values, expected=expected, at=at)
    if changed.row_version == row.row_version:
        return changed
    if (meant.combine is None) != (was.combine is None):
        apart = meant.combine is not None
        if not part_series(workspace_id=row.workspace_id, kpi_id=row.id, apart=apart):
            raise SeveralFeeds("Several feeds tell of one label set; they can only be combined.")
    if meant != was:
        same = measures_the_same(was, meant)
        _add_revision(changed, meant, measure=current.measure if same else changed.revision, at=at)
        if not same:
            _check_made_of(changed)
    if meant.total != was.total:
        end_findings(row=changed, kinds=[findings_totals.KIND], at=at)
        if meant.total is not None:
            findings_totals.settle_totals_of(
                workspace_id=row.workspace_id, kpi_id=row.id, cause="threshold", at=at
            )
    if rules != row.rules:
        set_rules(workspace_id=row.workspace_id, kpi_id=row.id, rules=rules, valid_from=None, at=at)
    if meant != was or any(getattr(changed, name) != getattr(row, name) for name in _SHOWN):
        refresh_bindings(workspace_id=row.workspace_id, kpi_ids=[row.id], cause="threshold", at=at)
    return changed


@transaction.atomic
def archive_kpi(*, row: Kpi, expected: IfMatch, at: datetime) -> None:
    """Archive a KPI that nothing stands on. Raises InUse, PreconditionFailed, NotFound."""
    archived = resources.archive(row, expected=expected, at=at)
    if Binding.objects.filter(workspace_id=row.workspace_id, kpi_id=row.id, archived_at=None).exists():
        raise InUse("It is bound to a map; archive its bindings first.", headers={})
    if above := made_of_it(archived):
        raise InUse(f"{above[0].key or above[0].id} is made of it; archive that first.")
    end_findings(row=archived, kinds=[findings_totals.KIND, findings_drift.KIND], at=at)


def measures_the_same(was: Definition, now: Definition) -> bool:
    """Say whether figures of both may stand in one series: they differ only in how they are judged."""
    before, after = definition_json(was), definition_json(now)
    return all(before[name] == after[name] for name in before if name not in _JUDGED_BY)


def _add_revision(row: Kpi, meant: Definition, *, measure: int, at: datetime) -> None:
    """Raises ValidationProblem where the KPI would be made of itself, or over too many levels."""
    inputs = named_by(meant)
    if inputs:
        advisory_lock("derived", row.workspace_id)
        made_of = ever_made_of(row.workspace_id)
        if issues := check_graph(row.id, inputs, made_of):
            raise ValidationProblem(issues)
    values: dict[str, Any] = {
        "workspace": row.workspace_id,
        "kpi": row.id,
        "number": row.revision,
        "measure": measure,
        "definition": encode(definition_json(meant)).decode(),
        "inputs": list(inputs),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)


def _check_made_of(row: Kpi) -> None:
    """What is made of the KPI must still be able to be. Raises InUse."""
    above = made_of_it(row)
    meant = meanings(
        workspace_id=row.workspace_id, kpi_ids=[one.id for one in above], as_of=FOREVER, known_at=None
    )
    for one in above:
        definition = meant[one.id].definition
        leaves = [meant[leaf].definition for leaf in meant[one.id].made.leaves]
        if definition.invited_kpi is not None:
            issues = check_invited(definition, meant[uuid.UUID(definition.invited_kpi)].definition)
        else:
            issues = check_leaves(definition, leaves)
        if issues:
            raise InUse(f"{one.key or one.id} is made of it, and could not be any more. {issues[0].detail}")
