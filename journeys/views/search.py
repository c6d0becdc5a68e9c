"""Search over what a workspace knows."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries
from journeys.serializers.search import SearchOut, SearchQuery, search_out
from journeys.views.maps import TAG
from service.http import ApiView
from service.openapi import operation


class Search(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": SearchQuery}

    @operation(
        "search",
        "Find maps, stages, touchpoints and personas by their words",
        answers=SearchOut,
        tag=TAG,
        query=SearchQuery,
        description="Maps are searched as they are drafted. Names weigh most, then goals, owners and "
        "channels, then what stands in lanes, then descriptions. Words of any language, as written.",
    )
    def get(self, request: Request) -> HttpResponseBase:
        wanted = self.params
        within = wanted.get("journey_map")
        hits, matches = queries.search_workspace(
            self.workspace_id,
            wanted["q"],
            kinds=[wanted["kind"]] if "kind" in wanted else [],
            journey_map_id=queries.open_map(self.workspace_id, within).pk if within else None,
            limit=wanted["limit"],
        )
        return self.shown(search_out(hits, matches))
