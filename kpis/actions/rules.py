"""Targets and thresholds, of a KPI or of one binding: insert-only, so that the past is judged as it was."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from kpis.models.bindings import Binding
from kpis.queries.sql import statement
from kpis.series.exact import encode

_ADD = statement("add_rule")


def set_rules(
    *,
    workspace_id: uuid.UUID,
    kpi_id: uuid.UUID | None = None,
    binding_id: uuid.UUID | None = None,
    rules: Mapping[str, Any] | None,
    valid_from: datetime | None,
    at: datetime,
) -> None:
    """Record checked rules (`parse_rules`) of one KPI or one binding, whose row is locked.

    rules None: a KPI has none from then on; a binding follows its KPI again. valid_from None: the first rules
    hold for all that was ever measured, later ones from `at` on.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpi": kpi_id,
        "binding": binding_id,
        "rules": None if rules is None else encode(rules).decode(),
        "valid_from": valid_from,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)


def set_binding_rules(*, binding: Binding, valid_from: datetime) -> None:
    """Record the rules that the binding's row holds now, valid from an instant.

    Its first rules hold for all that was ever measured: what it shows of last week is to be judged as well.
    """
    set_rules(
        workspace_id=binding.workspace_id,
        binding_id=binding.id,
        rules=binding.rules,
        valid_from=None,
        at=valid_from,
    )
