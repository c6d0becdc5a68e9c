"""Journey maps."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.maps import (
    ChildrenQuery,
    JourneyMapChangeIn,
    JourneyMapIn,
    JourneyMapOut,
    JourneyMapQuery,
    change_in,
    journey_map_in,
    journey_map_out,
)
from service.auth import require_scope
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.parsers import LargeJsonParser

TAG = "Journey maps"


class JourneyMapList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": JourneyMapQuery}
    parser_classes = [LargeJsonParser]

    @operation(
        "listJourneyMaps", "List maps", answers=JourneyMapOut, many=True, tag=TAG, query=JourneyMapQuery
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name, "") for name in ("key", "q")}
        rows = queries.journey_maps(self.workspace_id, **filters)
        return answer(request, page_of(rows, filters=filters, **self.page_params), journey_map_out)

    @operation(
        "createJourneyMap",
        "Make a map with its draft",
        body=JourneyMapIn,
        created=JourneyMapOut,
        tag=TAG,
        description="The draft is the document, or starts from a template or with a name alone. Stages and "
        "touchpoints get their identity now: things can be bound to them before anything is published.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        document, key, attributes = journey_map_in(request.data, self.workspace_id)
        row = actions.create_map(
            workspace_id=self.workspace_id, document=document, key=key, attributes=attributes, at=self.at
        )
        return self.shown(journey_map_out(row), status=201, location=f"/v1/journey-maps/{row.id}")


class JourneyMapDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getJourneyMap", "Read a map", answers=JourneyMapOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(journey_map_out(queries.open_map(self.workspace_id, ref)))

    @operation(
        "updateJourneyMap",
        "Change key and attributes of a map, and whether it needs approval",
        body=JourneyMapChangeIn,
        answers=JourneyMapOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="The name follows the draft.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        values = change_in(row, request.data)
        if values["requires_approval"] != row.requires_approval:
            require_scope(self.caller, "maps:review")
        actions.change_map(journey_map=row, values=values, expected=expected, at=self.at)
        return self.shown(journey_map_out(queries.journey_map(self.workspace_id, str(row.id))))

    @operation(
        "archiveJourneyMap",
        "Archive a map",
        tag=TAG,
        parameters=[IF_MATCH],
        description="It leaves the lists, its key is free again; reads as of an instant before still answer.",
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        actions.archive_map(journey_map=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class JourneyMapChildren(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": ChildrenQuery}

    @operation(
        "listChildren",
        "List the tactical maps below a map",
        answers=JourneyMapOut,
        many=True,
        tag=TAG,
        query=ChildrenQuery,
        description="Maps whose latest version names a touchpoint of this map as its `parent_touchpoint`.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        touchpoint = self.params.get("touchpoint")
        rows = queries.children_of(row, touchpoint=touchpoint)
        page = page_of(rows, filters={"map": row.id, "touchpoint": touchpoint}, **self.page_params)
        return answer(request, page, journey_map_out)
