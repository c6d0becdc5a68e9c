"""Advice about a map."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries
from journeys.document.lint import Measured
from journeys.queries import Moment
from journeys.serializers.lint import LintOut, LintQuery, lint_out
from journeys.views.maps import TAG
from service.http import ApiView
from service.openapi import operation


class MapLint(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": LintQuery}

    @operation(
        "lintJourneyMap",
        "Tell what is weak in a map, and how far it has come",
        answers=LintOut,
        tag=TAG,
        query=LintQuery,
        description="Remarks with what to do about each; completeness by the five steps in which maps are "
        "built; coverage of stages, channels and KPIs; the share of statements that rest on research.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        named = self.params.get("moment", queries.DRAFT)
        moment = queries.chosen_moment(row, named, at=self.at, pointer="/moment")
        return self.shown(lint_out(moment, measured=self.measured(moment), today=self.at.date()))

    def measured(self, moment: Moment) -> Measured:
        """Return the elements with KPIs; this room keeps none and cannot know."""
        return None
