"""KPIs, as shown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from kpis.models.definitions import Kpi, KpiRevision
from kpis.queries import definitions
from kpis.serializers.kpis import (
    INVITED,
    PLAUSIBLE,
    RULES,
    TOTAL,
    NumberOut,
    PlausibilityOut,
    TotalOut,
    about,
)
from kpis.serializers.thresholds import ThresholdsShown
from kpis.series.definition import Definition
from kpis.series.definition_input import definition_json
from kpis.series.expression import references, renamed
from kpis.series.expression_text import parse_expression
from service.resources import shown_resource
from service.serializers import ResourceOut


class KpiOut(ResourceOut):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField(help_text="Number of the definition; each change of it opens one.")
    measure = serializers.IntegerField(help_text="The revision that last changed what is measured.")
    kind = serializers.CharField()
    method = serializers.CharField()
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    direction = serializers.CharField()
    input = serializers.CharField()
    holds = serializers.CharField()
    period = serializers.CharField(allow_null=True)
    zone = serializers.CharField()
    scale_min = serializers.IntegerField(allow_null=True)
    scale_max = serializers.IntegerField(allow_null=True)
    lower = NumberOut(allow_null=True)
    upper = NumberOut(allow_null=True)
    sampled = serializers.BooleanField()
    min_n = serializers.IntegerField()
    settle_s = serializers.IntegerField()
    stock_unit = serializers.CharField(allow_null=True, help_text=about("stock_unit"))
    trials = serializers.CharField(allow_null=True, help_text=about("trials"))
    pauses = serializers.CharField(allow_null=True, help_text=about("pauses"))
    plan_switches = serializers.CharField(allow_null=True, help_text=about("plan_switches"))
    loss_at = serializers.CharField(allow_null=True, help_text=about("loss_at"))
    window_s = serializers.IntegerField(allow_null=True)
    dedupe = serializers.CharField(allow_null=True)
    expression = serializers.CharField(allow_null=True)
    numerator_kpi = serializers.UUIDField(allow_null=True)
    denominator_kpi = serializers.UUIDField(allow_null=True)
    plausibility = PlausibilityOut(allow_null=True, help_text=PLAUSIBLE)
    combine = serializers.CharField(allow_null=True, help_text="sum, prefer, or null: one feed per series.")
    feeds = serializers.ListField(child=serializers.CharField(), help_text="Preferred feeds, best first.")
    invited_kpi = serializers.UUIDField(allow_null=True, help_text=INVITED)
    total = TotalOut(allow_null=True, help_text=TOTAL)
    thresholds = ThresholdsShown(allow_null=True, help_text=RULES)


def kpi_out(row: Kpi, current: KpiRevision, names: Mapping[uuid.UUID, str]) -> Mapping[str, Any]:
    """Return a KPI as shown, with the definition of its current revision.

    names: of the KPIs that it is made of, as `keys_of` gives them.
    """
    definition = definitions.read_definition(current.definition)
    is_ratio = definition.kind == "ratio"
    return {
        **shown_resource(row),
        "name": row.name,
        "description": row.description,
        "owner": row.owner,
        "revision": row.revision,
        "measure": current.measure,
        **definition_json(definition),
        "expression": _expression(definition, names),
        "numerator_kpi": ratio_sides(definition)[0] if is_ratio else None,
        "denominator_kpi": ratio_sides(definition)[1] if is_ratio else None,
        "thresholds": row.rules,
    }


def ratio_sides(definition: Definition) -> tuple[str, str]:
    """Return the ids of the two KPIs that a ratio divides; they may be the same."""
    above, below = references(parse_expression(definition.expression or ""))
    return above.name, below.name


def _expression(definition: Definition, names: Mapping[uuid.UUID, str]) -> str | None:
    if definition.expression is None:
        return None
    node = parse_expression(definition.expression)
    return renamed(node, lambda ref: names.get(uuid.UUID(ref.name), ref.name))


def shown_kpi(row: Kpi) -> dict[str, Any]:
    """Return one KPI as it is shown, its current definition and what that is made of read for it."""
    current = definitions.revision(row)
    return dict(kpi_out(row, current, definitions.keys_of(row.workspace_id, current.inputs)))
