"""All maps of the workspace side by side."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.render.portfolio import CONTENT_SECURITY_POLICY
from kpis.queries.overview import MOST_MAPS, overview
from kpis.serializers.overview import OverviewOut, OverviewQuery, overview_csv, overview_out
from kpis.serializers.overview_pages import draw
from kpis.views.live import POLICIES
from service.http import PRIVATE, ApiView
from service.openapi import operation
from service.renderers import CsvRenderer, HtmlRenderer, JsonRenderer, SvgRenderer

CSV, HTML, SVG = CsvRenderer.media_type, HtmlRenderer.media_type, SvgRenderer.media_type
_POLICIES = {HTML: CONTENT_SECURITY_POLICY, SVG: POLICIES[SVG]}


class OverviewOfMaps(ApiView):
    scopes: ClassVar = {"GET": "maps:read"}
    queries = {"GET": OverviewQuery}
    renderer_classes = [JsonRenderer, CsvRenderer, HtmlRenderer, SvgRenderer]

    @operation(
        "getOverview",
        "See how all maps fare",
        description=(
            f"At most {MOST_MAPS} maps by name, each with its roll-up and coverage, figures in breach, the "
            "stalest figure, broken sources, open findings, evidence, owner and review; maps that name one "
            "vocabulary of stages are shown stage by stage. As CSV a row for each map."
        ),
        tag="Live map",
        query=OverviewQuery,
        responses={
            (200, "application/json"): OverviewOut,
            (200, CSV): str,
            (200, HTML): str,
            (200, SVG): str,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        found = overview(self.workspace_id, q=self.params.get("q", ""))
        today = self.at.date()
        media = request.accepted_renderer.media_type
        if media == JsonRenderer.media_type:
            return Response(dict(overview_out(found, today)))
        body = overview_csv(found, today) if media == CSV else draw(found, today, media == HTML)
        response = HttpResponse(body, content_type=media if media == SVG else f"{media}; charset=utf-8")
        response["Cache-Control"] = PRIVATE
        if media == CSV:
            response["Content-Disposition"] = 'attachment; filename="overview.csv"'
        else:
            response["Content-Security-Policy"] = f"{_POLICIES[media]}; frame-ancestors 'none'"
        return response
