"""Maps and view tokens."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.maps import (
    MapIn,
    MapOut,
    MapPatchIn,
    MapQuery,
    ViewTokenIn,
    ViewTokenOut,
    ViewTokenSecretOut,
    document_in,
    map_out,
    view_token_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.parsers import LargeJsonParser
from service.serializers import PageQuery, checked, merged

MAPS = "Journey maps"
TOKENS = "View tokens"


class MapList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": MapQuery}
    parser_classes = [LargeJsonParser]

    @operation("listJourneyMaps", "List journey maps", answers=MapOut, many=True, tag=MAPS, query=MapQuery)
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name, "") for name in ("key", "q")}
        rows = queries.journey_maps(self.workspace_id, **filters)
        return answer(request, page_of(rows, filters=filters, **self.page_params), map_out)

    @operation(
        "createJourneyMap", "Create a journey map with its draft", body=MapIn, created=MapOut, tag=MAPS
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(MapIn)
        row = actions.create_map(
            workspace_id=self.workspace_id,
            document=document_in(values),
            key=values.get("key"),
            attributes=values["attributes"],
            at=self.at,
        )
        return self.shown(map_out(row), status=201, location=f"/v1/journey-maps/{row.id}")


class MapDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getJourneyMap", "Read a journey map without its document", answers=MapOut, tag=MAPS)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(map_out(queries.journey_map(self.workspace_id, ref)))

    @operation(
        "updateJourneyMap",
        "Change key and attributes of a map",
        body=MapPatchIn,
        answers=MapOut,
        tag=MAPS,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        given = {"attributes": row.attributes} | ({"key": row.key} if row.key else {})
        values = {"key": None} | checked(MapPatchIn, merged(given, request.data))
        actions.change_map(journey_map=row, values=values, expected=expected, at=self.at)
        return self.shown(map_out(queries.journey_map(self.workspace_id, str(row.id))))

    @operation(
        "archiveJourneyMap",
        "Archive a map; as-of reads before now still answer",
        tag=MAPS,
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        actions.archive_map(journey_map=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class ViewTokenList(ApiView):
    scopes = {"GET": "keys:admin", "POST": "keys:admin"}
    queries = {"GET": PageQuery}
    shows_secret = True

    @operation(
        "listViewTokens", "List view tokens", answers=ViewTokenOut, many=True, tag=TOKENS, query=PageQuery
    )
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(queries.view_tokens(self.workspace_id), filters={}, **self.page_params)
        return answer(request, page, view_token_out)

    @operation(
        "createViewToken",
        "Make a link that shows one map to whoever has it; shown once",
        body=ViewTokenIn,
        created=ViewTokenSecretOut,
        tag=TOKENS,
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(ViewTokenIn)
        journey_map = queries.open_map(self.workspace_id, values.pop("journey_map"))
        row, secret = actions.create_view_token(journey_map=journey_map, at=self.at, **values)
        shown = {**view_token_out(row), "url": f"{settings.PUBLIC_URL}/p/{secret}"}
        return self.shown(shown, status=201, location=f"/v1/view-tokens/{row.id}")


class ViewTokenDetail(ApiView):
    scopes = {"GET": "keys:admin", "DELETE": "keys:admin"}

    @operation("getViewToken", "Read a view token", answers=ViewTokenOut, tag=TOKENS)
    def get(self, request: Request, token_id: uuid.UUID) -> HttpResponseBase:
        return self.shown(view_token_out(queries.view_token(self.workspace_id, token_id)))

    @operation("revokeViewToken", "Revoke a view token", tag=TOKENS, parameters=[IF_MATCH])
    def delete(self, request: Request, token_id: uuid.UUID) -> HttpResponseBase:
        queries.view_token(self.workspace_id, token_id)
        actions.revoke_view_token(
            workspace_id=self.workspace_id, token_id=token_id, expected=self.if_match(), at=self.at
        )
        return HttpResponse(status=204)
