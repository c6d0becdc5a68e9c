"""View tokens: read-only links to one map."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.tokens import (
    ViewTokenIn,
    ViewTokenOut,
    ViewTokenSecretOut,
    secret_out,
    view_token_out,
)
from service.errors import Forbidden
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery

TAG = "View tokens"


class ViewTokenList(ApiView):
    scopes = {"GET": "keys:admin", "POST": "keys:admin"}
    queries = {"GET": PageQuery}
    shows_secret = True

    @operation(
        "listViewTokens", "List view tokens", answers=ViewTokenOut, many=True, tag=TAG, query=PageQuery
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows = queries.view_tokens(self.workspace_id)
        return answer(request, page_of(rows, filters={}, **self.page_params), view_token_out)

    @operation(
        "createViewToken",
        "Make a read-only link to a map; its secret is shown once",
        body=ViewTokenIn,
        created=ViewTokenSecretOut,
        tag=TAG,
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(ViewTokenIn)
        # A key cannot hand out more than it holds itself.
        beyond = sorted(set(actions.TOKEN_SCOPES) - self.caller.scopes)
        if beyond:
            raise Forbidden(f"Your key lacks {', '.join(beyond)} itself.", code="scope_beyond_own")
        values["journey_map"] = queries.open_map(self.workspace_id, values["journey_map"])
        row, secret = actions.create_view_token(at=self.at, **values)
        return self.shown(secret_out(row, secret), status=201, location=f"/v1/view-tokens/{row.id}")


class ViewTokenDetail(ApiView):
    scopes = {"GET": "keys:admin", "DELETE": "keys:admin"}

    @operation("getViewToken", "Read a view token", answers=ViewTokenOut, tag=TAG)
    def get(self, request: Request, token_id: uuid.UUID) -> HttpResponseBase:
        return self.shown(view_token_out(queries.view_token(self.workspace_id, token_id)))

    @operation("revokeViewToken", "Revoke a view token", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, token_id: uuid.UUID) -> HttpResponseBase:
        queries.view_token(self.workspace_id, token_id)
        actions.revoke_view_token(
            workspace_id=self.workspace_id, token_id=token_id, expected=self.if_match(), at=self.at
        )
        return HttpResponse(status=204)
