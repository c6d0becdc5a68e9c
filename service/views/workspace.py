"""The workspace behind the credential, who one is, and what happened."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from service import workspaces
from service.errors import Gone, Issue, ValidationProblem
from service.events import place_events
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.presenters import event_out, workspace_out
from service.problems import MEDIA_TYPE
from service.serializers import (
    EventListOut,
    EventQuery,
    MeOut,
    ProblemOut,
    WorkspaceIn,
    WorkspaceOut,
    checked,
    merged,
)

_GONE = "`feed_restored`: the cursor is of a former feed. `events_gone`: events after it are not kept."


class FeedRestored(Gone):
    code, title = "feed_restored", "The feed was restored: this cursor is of the former one."


class FeedBegins(Gone):
    code, title = "events_gone", "Events after this cursor are no longer kept."


class WorkspaceDetail(ApiView):
    scopes = {"GET": "workspace:read", "PATCH": "workspace:admin"}

    @operation("getWorkspace", "Read the workspace of the credential", answers=WorkspaceOut, tag="Workspace")
    def get(self, request: Request) -> HttpResponseBase:
        return self.shown(workspace_out(workspaces.workspace_of(self.workspace_id)))

    @operation(
        "updateWorkspace",
        "Change the workspace",
        body=WorkspaceIn,
        answers=WorkspaceOut,
        tag="Workspace",
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        current = workspace_out(workspaces.workspace_of(self.workspace_id))
        expected = self.if_match()
        given = {name: current[name] for name in ("name", "zone", "history_from")}
        given["history_from"] = given["history_from"].isoformat()
        values = checked(WorkspaceIn, merged(given, request.data))
        row = workspaces.change_workspace(
            workspace_id=self.workspace_id, values=values, expected=expected, at=self.at
        )
        return self.shown(workspace_out(row))


class Me(ApiView):
    @operation("getMe", "Tell which credential this is", answers=MeOut, tag="Workspace")
    def get(self, request: Request) -> HttpResponseBase:
        caller = self.caller
        return self.shown(
            {
                "credential_id": caller.credential_id,
                "name": caller.name,
                "kind": caller.kind,
                "scopes": sorted(caller.scopes),
                "workspace": workspace_out(workspaces.workspace_of(self.workspace_id)),
            }
        )


class EventList(ApiView):
    scopes = {"GET": "events:read"}
    queries = {"GET": EventQuery}

    @operation(
        "listEvents",
        "Read what happened, in order",
        answers=EventListOut,
        tag="Events",
        query=EventQuery,
        responses={(410, MEDIA_TYPE): OpenApiResponse(ProblemOut, _GONE)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        epoch = place_events(workspace_id=self.workspace_id).hex
        position = self._position(self.params.get("after"), epoch)
        if "after" in self.params and position + 1 < (begins := workspaces.feed_begins(self.workspace_id)):
            detail = f"{begins - position - 1} of them are gone; begin again without `after`."
            raise FeedBegins(detail)
        rows = workspaces.events_after(self.workspace_id, position, self.params["page_size"])
        last = rows[-1].position if rows else position
        return self.shown({"results": [event_out(row) for row in rows], "cursor": f"{epoch}-{last}"})

    def _position(self, after: str | None, epoch: str) -> int:
        if after is None:
            return 0
        made_in, _, place = after.partition("-")
        if not (place.isascii() and place.isdigit() and len(place) < 19 and len(made_in) == 32):
            detail = "Take `after` from the `cursor` of a page."
            raise ValidationProblem([Issue("/after", "invalid_cursor", detail)])
        if made_in != epoch:
            raise FeedRestored("Begin again without `after`.")
        return int(place)
