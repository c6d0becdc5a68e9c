"""How maps are judged as a whole: settled for the workspace, and for a map."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions.floors import settle_floor
from kpis.queries.floors import floor_row, floors
from kpis.serializers.floors import (
    JudgementSettingsIn,
    JudgementSettingsOut,
    settings_given,
    settings_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.serializers import checked, merged

TAG = "Live map"
_TOLD = "What was seen before stays as it was: an answer as of an instant rolls up as it was settled then."


class _Settings(ApiView):
    def told(self, map_id: uuid.UUID | None) -> HttpResponseBase:
        found = floors(self.workspace_id)
        return self.shown(settings_out(floor_row(self.workspace_id, map_id), found, map_id))

    def settle(self, map_id: uuid.UUID | None) -> HttpResponseBase:
        expected = self.if_match()
        given = settings_given(floor_row(self.workspace_id, map_id))
        floor = checked(JudgementSettingsIn, merged(given, self.request.data))["coverage_floor"]
        settle_floor(
            workspace_id=self.workspace_id, map_id=map_id, floor=floor, expected=expected, at=self.at
        )
        return self.told(map_id)


class JudgementSettings(_Settings):
    scopes = {"GET": "kpis:read", "PATCH": "workspace:admin"}

    @operation(
        "getJudgementSettings",
        "Read how maps are judged as a whole",
        answers=JudgementSettingsOut,
        tag=TAG,
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.told(None)

    @operation(
        "updateJudgementSettings",
        "Settle how maps are judged as a whole",
        body=JudgementSettingsIn,
        answers=JudgementSettingsOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description=f"For all maps that settle nothing of their own. {_TOLD}",
    )
    def patch(self, request: Request) -> HttpResponseBase:
        return self.settle(None)


class MapJudgementSettings(_Settings):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write"}

    @operation(
        "getMapJudgementSettings",
        "Read how a map is judged as a whole",
        answers=JudgementSettingsOut,
        tag=TAG,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.told(journeys.open_map(self.workspace_id, ref).id)

    @operation(
        "updateMapJudgementSettings",
        "Settle how a map is judged as a whole",
        body=JudgementSettingsIn,
        answers=JudgementSettingsOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description=_TOLD,
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        return self.settle(journeys.open_map(self.workspace_id, ref).id)
