"""KPIs: made, changed and archived. What a KPI means is insert-only: a change opens a revision.

A revision that changes what is measured (kind, method, unit, scale, period, zone …) begins new series; one
that changes only how figures are judged (direction, bounds, min_n …) keeps them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from kpis.actions.rules import set_rules
from kpis.actions.states import hold_series, refresh_bindings
from kpis.models.bindings import Binding
from kpis.models.definitions import Kpi, KpiRevision
from kpis.queries.definitions import kpis, read_definition, revision
from kpis.queries.sql import statement
from kpis.series.definition import Definition
from kpis.series.definition_input import definition_json
from kpis.series.exact import encode
from service import resources
from service.errors import Conflict, NotFound
from service.ids import new_id
from service.preconditions import IfMatch

KPIS = 2000
_ADD = statement("add_revision")
# What stands at a figure besides what the definition says.
_SHOWN = ("name", "key", "rules")
_JUDGED_BY = ("direction", "lower", "upper", "sampled", "min_n", "settle_s")


class InUse(Conflict):
    code, title = "in_use", "Something else stands on this."


@dataclass(frozen=True, slots=True)
class Meant:
    """What a KPI means: its definition and, of a ratio of two KPIs, which two."""

    definition: Definition
    numerator_id: uuid.UUID | None = None
    denominator_id: uuid.UUID | None = None


@transaction.atomic
def create_kpi(
    *,
    workspace_id: uuid.UUID,
    fields: Mapping[str, Any],
    meant: Meant,
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
    meant: Meant,
    rules: Mapping[str, Any] | None,
    expected: IfMatch,
    at: datetime,
) -> Kpi:
    """Change a KPI that is held; another definition opens a revision, other rules hold from `at` on.

    Raises PreconditionFailed, KeyTaken, NotFound.
    """
    current = revision(row)
    was = meant_by(current)
    values = dict(fields) | {"rules": rules}
    if meant != was:
        values["revision"] = row.revision + 1
    changed = resources.change(row, values, expected=expected, at=at)
    if changed.row_version == row.row_version:
        return changed
    if meant != was:
        same = measures_the_same(was, meant)
        _add_revision(changed, meant, measure=current.measure if same else changed.revision, at=at)
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
    if _is_part(archived):
        raise InUse("A ratio divides it; archive the ratio first.")


def meant_by(current: KpiRevision) -> Meant:
    """Return what a revision says."""
    return Meant(read_definition(current.definition), current.numerator_kpi_id, current.denominator_kpi_id)


def measures_the_same(was: Meant, now: Meant) -> bool:
    """Say whether figures of both may stand in one series: they differ only in how they are judged."""
    before, after = definition_json(was.definition), definition_json(now.definition)
    parts = (was.numerator_id, was.denominator_id) == (now.numerator_id, now.denominator_id)
    return parts and all(before[name] == after[name] for name in before if name not in _JUDGED_BY)


def _is_part(row: Kpi) -> bool:
    ratios = kpis(row.workspace_id).values_list("id", "revision")
    parts = KpiRevision.objects.filter(workspace_id=row.workspace_id)
    found = set(parts.filter(numerator_kpi_id=row.id).values_list("kpi_id", "number"))
    found |= set(parts.filter(denominator_kpi_id=row.id).values_list("kpi_id", "number"))
    return bool(found & set(ratios.filter(id__in={kpi_id for kpi_id, _ in found})))


def _add_revision(row: Kpi, meant: Meant, *, measure: int, at: datetime) -> None:
    values: dict[str, Any] = {
        "workspace": row.workspace_id,
        "kpi": row.id,
        "number": row.revision,
        "measure": measure,
        "definition": encode(definition_json(meant.definition)).decode(),
        "numerator": meant.numerator_id,
        "denominator": meant.denominator_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
