"""All maps of the workspace side by side; and some of them, as a view shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from journeys.render.face import Link
from journeys.render.portfolio import CONTENT_SECURITY_POLICY
from kpis.queries.audience import OpenedOverview
from kpis.queries.overview import MOST_MAPS, overview, overview_shown
from kpis.serializers.live_answer import release
from kpis.serializers.overview import OverviewOut, OverviewQuery, SeenOverviewOut
from kpis.serializers.overview_pages import CSV, HTML, SVG, overview_body
from kpis.views.audience_live import OfView, frame
from kpis.views.live import POLICIES, told_headers
from service.http import PRIVATE, ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.renderers import CsvRenderer, HtmlRenderer, JsonRenderer, SvgRenderer

RENDERERS: list[type[BaseRenderer]] = [JsonRenderer, CsvRenderer, HtmlRenderer, SvgRenderer]
_POLICIES = {HTML: CONTENT_SECURITY_POLICY, SVG: POLICIES[SVG]}
_TOLD = (
    "each with its roll-up and coverage, figures in breach, the stalest figure, broken sources, open "
    "findings, evidence, owner and review; maps that name one vocabulary of stages are shown stage by stage. "
    "As CSV a row for each map."
)


class OverviewOfMaps(ApiView):
    scopes: ClassVar = {"GET": "maps:read"}
    queries = {"GET": OverviewQuery}
    renderer_classes = RENDERERS

    @operation(
        "getOverview",
        "See how all maps fare",
        description=f"At most {MOST_MAPS} maps by name, {_TOLD}",
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
        media = request.accepted_renderer.media_type
        response = _response(overview_body(found, media, self.at.date()), media)
        if media in _POLICIES:
            response["Content-Security-Policy"] = f"{_POLICIES[media]}; frame-ancestors 'none'"
        return response


class ViewOverview(OfView):
    renderer_classes = RENDERERS

    @operation(
        "getViewOverview",
        "See how maps fare, as a view of the overview shows them",
        tag="Audience views",
        parameters=told_headers({"ETag": "Weak; a hash of what the view shows and of nothing else."}),
        description=f"The published maps that the view names, {_TOLD} What the view leaves out of a map "
        "takes part in nothing. 404 `view_of_map` where the view shows one map.",
        responses={
            (200, "application/json"): SeenOverviewOut,
            (200, CSV): str,
            (200, HTML): str,
            (200, SVG): str,
            304: None,
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        view = self.opened_overview(ref)
        return overview_seen(self, view, request.accepted_renderer.media_type, self.at.date())


def overview_seen(
    asked: ApiView, view: OpenedOverview, media: str, today: date, links: Sequence[Link] = ()
) -> HttpResponse:
    """Answer with what a view of the overview shows, or with 304 where the caller has it already."""
    found = overview_shown(asked.workspace_id, view.shows)
    content = overview_body(found, media, today, view_id=view.id, links=links)
    digest = blake2b(release().encode() + media.encode() + content, digest_size=18).hexdigest()
    etag = f'W/"{digest}"'
    held = not_modified(asked.request, etag)
    response = HttpResponse(status=304) if held else _response(content, media)
    response["ETag"] = etag
    response["Cache-Control"] = PRIVATE
    frame(response, view, _POLICIES.get(media))
    return response


def _response(content: bytes, media: str) -> HttpResponse:
    told = f"{media}; charset=utf-8" if media in (CSV, HTML) else media
    response = HttpResponse(content, content_type=told)
    response["Cache-Control"] = PRIVATE
    if media == CSV:
        response["Content-Disposition"] = 'attachment; filename="overview.csv"'
    return response
