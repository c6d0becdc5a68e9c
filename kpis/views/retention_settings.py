"""How long a workspace keeps its readings and what passes through."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions.retention_settings import change_terms, said_terms
from kpis.serializers.retention_settings import RetentionSettingsIn, RetentionSettingsOut, settings_out
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.serializers import checked, merged
from service.workspaces import workspace_of

TAG = "Workspace"


class RetentionSettingsDetail(ApiView):
    scopes = {"GET": "workspace:read", "PATCH": "workspace:admin"}

    @operation(
        "getRetentionSettings",
        "Read how long readings, runs, messages and events are kept",
        answers=RetentionSettingsOut,
        tag=TAG,
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.shown(settings_out(workspace_of(self.workspace_id)))

    @operation(
        "updateRetentionSettings",
        "Say how long readings, runs, messages and events are kept",
        body=RetentionSettingsIn,
        answers=RetentionSettingsOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        expected = self.if_match()
        given = said_terms(workspace_of(self.workspace_id))
        values = checked(RetentionSettingsIn, merged(given, request.data))
        row = change_terms(workspace_id=self.workspace_id, values=values, expected=expected, at=self.at)
        return self.shown(settings_out(row))
