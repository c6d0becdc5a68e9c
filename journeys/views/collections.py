"""Collections of maps."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.collections import (
    CollectionIn,
    CollectionOut,
    CollectionQuery,
    collection_change_in,
    collection_in,
    collection_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of

TAG = "Collections"


class CollectionView(ApiView):
    """What both show."""

    def out(self, row: Any) -> dict[str, Any]:
        return collection_out(row, queries.maps_of(self.workspace_id, row.journey_maps))


class CollectionList(CollectionView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": CollectionQuery}

    @operation(
        "listCollections",
        "List collections of maps",
        answers=CollectionOut,
        many=True,
        tag=TAG,
        query=CollectionQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name, "") for name in ("key", "q")}
        filters["journey_map"] = self.params.get("journey_map")
        page = page_of(queries.collections(self.workspace_id, **filters), filters=filters, **self.page_params)
        maps = queries.maps_of(self.workspace_id, (own for row in page.rows for own in row.journey_maps))
        return answer(request, page, lambda row: collection_out(row, maps))

    @operation("createCollection", "Make a collection", body=CollectionIn, created=CollectionOut, tag=TAG)
    def post(self, request: Request) -> HttpResponseBase:
        row = actions.create_collection(
            workspace_id=self.workspace_id, values=collection_in(request.data), at=self.at
        )
        return self.shown(self.out(row), status=201, location=f"/v1/collections/{row.id}")


class CollectionDetail(CollectionView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation(
        "getCollection",
        "Read a collection",
        answers=CollectionOut,
        tag=TAG,
        description="The ETag is the collection's; what is told of its maps may change without it.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(self.out(queries.collection(self.workspace_id, ref)), volatile=True)

    @operation(
        "updateCollection",
        "Change a collection",
        body=CollectionIn,
        answers=CollectionOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="`journey_maps` is replaced whole: send it in another order to move maps.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.collection(self.workspace_id, ref)
        expected = self.if_match()
        values = collection_change_in(row, request.data)
        changed = actions.change_collection(collection=row, values=values, expected=expected, at=self.at)
        return self.shown(self.out(changed))

    @operation(
        "archiveCollection",
        "Archive a collection",
        tag=TAG,
        parameters=[IF_MATCH],
        description="Its maps stay.",
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.collection(self.workspace_id, ref)
        actions.archive_collection(collection=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
