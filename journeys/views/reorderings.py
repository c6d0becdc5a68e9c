"""A new order of the draft's stages and touchpoints, in one guarded write."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.reorderings import ReorderingIn, ReorderingOut, order_of, reordering_out
from journeys.serializers.shapes import read
from service.http import ApiView
from service.openapi import IF_MATCH, operation

TAG = "Drafts"


class ReorderingList(ApiView):
    scopes = {"POST": "maps:write"}

    @operation(
        "reorderDraft",
        "Put all stages and touchpoints in another order",
        body=ReorderingIn,
        answers=ReorderingOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="All stages are named, each once. A stage without `touchpoints` keeps those that no "
        "other stage calls. What would be left without a place is told, and nothing happens.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        order = order_of(read(ReorderingIn, request.data))
        draft, manifest = actions.reorder_draft(journey_map=row, order=order, expected=expected, at=self.at)
        return self.shown(reordering_out(draft, manifest))
