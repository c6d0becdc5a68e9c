"""Two moments compared: of one map, or of two; and two maps side by side."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import queries
from journeys.serializers.comparisons import ComparisonOut, ComparisonQuery, comparison_out
from journeys.serializers.differences import (
    FORMATS,
    MARKDOWN,
    DiffOut,
    DiffQuery,
    difference,
    difference_out,
    difference_text,
    etag_of_difference,
)
from service.http import ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.problems import MEDIA_TYPE as PROBLEM
from service.renderers import JsonRenderer, MarkdownRenderer
from service.serializers import ProblemOut

TAG = "Versions"


class MapDiff(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": DiffQuery}
    renderer_classes = [JsonRenderer, MarkdownRenderer]

    @operation(
        "diffJourneyMap",
        "Tell what changed between two versions, the draft, or instants",
        tag=TAG,
        query=DiffQuery,
        responses={
            200: DiffOut,
            (200, MARKDOWN): OpenApiResponse(OpenApiTypes.STR, "A change log that people read."),
            304: OpenApiResponse(description="You hold what is current."),
        },
        description="Elements are compared by identity: what moved is not removed and added. Of two maps, "
        "an element is the same where one is a copy of the other, or both have one key.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        source, target = (
            queries.moment(row, self.params[end], at=self.at, pointer=f"/{end}")
            if end in self.params
            else standard(row)
            for end, standard in (("from", queries.latest_moment), ("to", queries.draft_moment))
        )
        media_type = FORMATS.get(self.params.get("format", ""), request.accepted_renderer.media_type)
        etag = etag_of_difference(source, target, media_type)
        if not_modified(request, etag):
            response: HttpResponseBase = HttpResponse(status=304)
        elif media_type == MARKDOWN:
            text = difference_text(difference(source, target))
            response = HttpResponse(text, content_type=f"{MARKDOWN}; charset=utf-8")
        else:
            response = Response(difference_out(difference(source, target)), content_type=media_type)
        response["ETag"] = etag
        return response


class MapComparison(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": ComparisonQuery}

    @operation(
        "compareJourneyMaps",
        "Compare two maps stage by stage",
        answers=ComparisonOut,
        tag=TAG,
        query=ComparisonQuery,
        responses={(409, PROBLEM): OpenApiResponse(ProblemOut, "Their stages follow no common vocabulary.")},
        description="Stages are aligned by the words of the `stage_vocabulary` that both maps name: counts, "
        "feelings, channels and touchpoints of each, and what only one of them has.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        here = queries.chosen_moment(row, self.params.get("moment"), at=self.at, pointer="/moment")
        wanted = self.params["with"]
        if "@" in wanted:
            there = queries.chosen_moment(row, wanted, at=self.at, pointer="/with")
            return self.shown(comparison_out(here, there))
        other = queries.open_map(self.workspace_id, wanted)
        there = queries.chosen_moment(other, None, at=self.at, pointer="/with")
        return self.shown(comparison_out(here, there))
