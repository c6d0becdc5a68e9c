"""How maps are judged as a whole."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from kpis.actions.floors import etag_of_floor
from kpis.models.judgement import CoverageFloor
from kpis.queries.floors import Floors, share_of
from service.serializers import READ_ONLY, In

TOLD = (
    "The share of the figures with rules, 0 to 1, that must be judged for a stage or the map to have a "
    "status; below it the status is insufficient."
)


class JudgementSettingsIn(In):
    echoes = READ_ONLY | {"in_force"}

    coverage_floor = serializers.DecimalField(
        required=False,
        allow_null=True,
        default=None,
        max_digits=None,
        decimal_places=None,
        min_value=Decimal(0),
        max_value=Decimal(1),
        coerce_to_string=False,
        help_text=f"{TOLD} Kept to ten-thousandths. Null: of a map the workspace's, of the workspace 0.5.",
    )


class JudgementSettingsOut(serializers.Serializer[Any]):
    coverage_floor = serializers.FloatField(allow_null=True, help_text="As settled here; null: nothing is.")
    in_force = serializers.FloatField(help_text=TOLD)
    etag = serializers.CharField()
    updated_at = serializers.DateTimeField(allow_null=True)


def settings_given(row: CoverageFloor | None) -> dict[str, Any]:
    """Return what a PATCH merges into."""
    return {} if row is None or row.floor is None else {"coverage_floor": share_of(row.floor)}


def settings_out(row: CoverageFloor | None, found: Floors, map_id: uuid.UUID | None) -> dict[str, Any]:
    return {
        "coverage_floor": row and share_of(row.floor),
        "in_force": found.of(map_id),
        "etag": etag_of_floor(row),
        "updated_at": row and row.created_at,
    }
