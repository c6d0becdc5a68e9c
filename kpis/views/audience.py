"""Audience views and their tokens."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions import audience as actions
from kpis.queries import audience
from kpis.serializers.audience import (
    ViewIn,
    ViewOut,
    ViewQuery,
    ViewTokenIn,
    ViewTokenOut,
    ViewTokenSecretOut,
    secret_out,
    view_given,
    view_out,
    view_token_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery, checked, merged

TAG = "Audience views"


class ViewList(ApiView):
    scopes = {"GET": "maps:read", "POST": "views:write"}
    queries = {"GET": ViewQuery}

    @operation("listViews", "List audience views", answers=ViewOut, many=True, tag=TAG, query=ViewQuery)
    def get(self, request: Request) -> HttpResponseBase:
        rows = audience.views(self.workspace_id)
        filters = {}
        if ref := self.params.get("journey_map"):
            filters["map"] = journeys.open_map(self.workspace_id, ref).id
            rows = rows.filter(journey_map_id=filters["map"])
        return answer(request, page_of(rows, filters=filters, **self.page_params), view_out)

    @operation(
        "createView",
        "Define what an audience sees of a map, or of maps side by side",
        body=ViewIn,
        created=ViewOut,
        tag=TAG,
        description="What is not shown is in no format, figure, count, ETag or refusal. Needs maps:read and "
        "kpis:read too: nobody shows what they do not see.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(ViewIn)
        self.caller.check_holds(actions.TOKEN_SCOPES)
        ref = values["journey_map"]
        journey_map = None if ref is None else journeys.open_map(self.workspace_id, ref)
        row = actions.create_view(
            workspace_id=self.workspace_id, journey_map=journey_map, values=values, at=self.at
        )
        return self.shown(view_out(row), status=201, location=f"/v1/views/{row.id}")


class ViewDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "views:write", "DELETE": "views:write"}

    @operation("getView", "Read an audience view", answers=ViewOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(view_out(audience.view(self.workspace_id, ref)))

    @operation(
        "updateView",
        "Change what an audience sees; its tokens stay",
        body=ViewIn,
        answers=ViewOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="Of stages, lanes, personas, kpis and evidence null shows all.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = audience.view(self.workspace_id, ref)
        expected = self.if_match()
        self.caller.check_holds(actions.TOKEN_SCOPES)
        values = checked(ViewIn, merged(view_given(row), request.data))
        changed = actions.change_view(view=row, values=values, expected=expected, at=self.at)
        return self.shown(view_out(changed))

    @operation(
        "archiveView",
        "Archive an audience view; its tokens open nothing any more",
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = audience.view(self.workspace_id, ref)
        actions.archive_view(view=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class ViewTokenList(ApiView):
    scopes = {"GET": "keys:admin", "POST": "keys:admin"}
    queries = {"GET": PageQuery}
    shows_secret = True

    @operation(
        "listViewTokens",
        "List the tokens of a view",
        answers=ViewTokenOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = audience.view(self.workspace_id, ref)
        page = page_of(
            audience.tokens(self.workspace_id, row.id), filters={"view": row.id}, **self.page_params
        )
        return answer(request, page, view_token_out)

    @operation(
        "createViewToken",
        "Make a read-only link to a view; its secret is shown once",
        body=ViewTokenIn,
        created=ViewTokenSecretOut,
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        view = audience.view(self.workspace_id, ref)
        values = self.body(ViewTokenIn)
        # A key cannot hand out more than it holds itself.
        self.caller.check_holds(actions.TOKEN_SCOPES)
        row, secret = actions.create_view_token(view=view, at=self.at, **values)
        location = f"/v1/views/{view.id}/tokens/{row.id}"
        return self.shown(secret_out(row, secret), status=201, location=location)


class ViewTokenDetail(ApiView):
    scopes = {"GET": "keys:admin", "DELETE": "keys:admin"}

    @operation("getViewToken", "Read a token of a view", answers=ViewTokenOut, tag=TAG)
    def get(self, request: Request, ref: str, token_id: uuid.UUID) -> HttpResponseBase:
        view = audience.view(self.workspace_id, ref)
        return self.shown(view_token_out(audience.token(view, token_id)))

    @operation("revokeViewToken", "Revoke a token of a view", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str, token_id: uuid.UUID) -> HttpResponseBase:
        view = audience.view(self.workspace_id, ref)
        audience.token(view, token_id)
        actions.revoke_view_token(view=view, token_id=token_id, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
