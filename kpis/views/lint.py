"""Advice about a map whose KPIs are known."""

from __future__ import annotations

from journeys.document.lint import Measured
from journeys.queries import Moment
from journeys.views.lint import MapLint as MapLintWithoutKpis
from kpis.queries.bindings import bound_elements


class MapLint(MapLintWithoutKpis):
    def measured(self, moment: Moment) -> Measured:
        return bound_elements(moment.journey_map.workspace_id, moment.journey_map.pk)
