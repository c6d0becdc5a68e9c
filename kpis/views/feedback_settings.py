"""How long a workspace keeps what people said, and what it hides of it."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions.feedback_kept import change_keeping
from kpis.queries.feedback import keeping
from kpis.serializers.feedback_settings import (
    FeedbackSettingsIn,
    FeedbackSettingsOut,
    settings_given,
    settings_out,
)
from kpis.views.feedback import TAG
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.serializers import checked, merged


class FeedbackSettingsDetail(ApiView):
    scopes = {"GET": "feedback:read", "PATCH": "workspace:admin"}

    @operation(
        "getFeedbackSettings",
        "Read how long feedback is kept, and what is hidden of it",
        answers=FeedbackSettingsOut,
        tag=TAG,
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.shown(settings_out(keeping(self.workspace_id)))

    @operation(
        "updateFeedbackSettings",
        "Say how long feedback is kept, and what is hidden of it",
        body=FeedbackSettingsIn,
        answers=FeedbackSettingsOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        kept = keeping(self.workspace_id)
        expected = self.if_match()
        values = checked(FeedbackSettingsIn, merged(settings_given(kept), request.data))
        changed = change_keeping(workspace_id=self.workspace_id, values=values, expected=expected, at=self.at)
        return self.shown(settings_out(changed))
