"""All maps of the workspace side by side; and some of them, as a view shows them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import http_date
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from journeys.render.face import Link
from journeys.render.portfolio import CONTENT_SECURITY_POLICY
from kpis.queries.audience import OpenedOverview
from kpis.queries.overview import MOST_MAPS, overview, overview_shown
from kpis.queries.points_plan import Clocks
from kpis.serializers.clocks import BEYOND_RETENTION, ClockQuery, clocks_of
from kpis.serializers.live_answer import release
from kpis.serializers.overview import OverviewOut, OverviewQuery, SeenOverviewOut
from kpis.serializers.overview_pages import CSV, HTML, SVG, overview_body
from kpis.views.audience_live import HistoryNotShown, OfView, frame
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
    "As CSV a row for each map, with a column for each word of a vocabulary that two maps name. As of an "
    "instant: the maps that were open then, with the version, name, owner, review, roll-up, figures, "
    "findings and broken sources of then; a source is called what it was called when it broke, a vocabulary "
    "that was changed since reads as the version that named it last keeps it. No history is kept of the keys "
    "of maps, and of the names of those that had published nothing: they are those of now."
)
_MEMENTO = {"Memento-Datetime": "Of an answer as of an instant."}


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
        parameters=told_headers(_MEMENTO),
        responses={
            (200, "application/json"): OverviewOut,
            (200, CSV): str,
            (200, HTML): str,
            (200, SVG): str,
            **BEYOND_RETENTION,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        clocks = clocks_of(self.params, at=self.at)
        found = overview(self.workspace_id, q=self.params.get("q", ""), clocks=clocks)
        media = request.accepted_renderer.media_type
        response = _response(overview_body(found, media, self.at.date()), media, clocks)
        if media in _POLICIES:
            response["Content-Security-Policy"] = f"{_POLICIES[media]}; frame-ancestors 'none'"
        return response


class ViewOverview(OfView):
    queries: ClassVar = {"GET": ClockQuery}
    renderer_classes = RENDERERS

    @operation(
        "getViewOverview",
        "See how maps fare, as a view of the overview shows them",
        tag="Audience views",
        query=ClockQuery,
        parameters=told_headers(
            {"ETag": "Weak; a hash of what the view shows and of nothing else."} | _MEMENTO
        ),
        description=f"The published maps that the view names, {_TOLD} What the view leaves out of a map "
        "takes part in nothing. Instants may be asked where the view shows its `history`. 404 `view_of_map` "
        "where the view shows one map.",
        responses={
            (200, "application/json"): SeenOverviewOut,
            (200, CSV): str,
            (200, HTML): str,
            (200, SVG): str,
            304: None,
            **BEYOND_RETENTION,
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        view = self.opened_overview(ref)
        return overview_seen(self, view, request.accepted_renderer.media_type)


def overview_seen(
    asked: ApiView, view: OpenedOverview, media: str, links: Sequence[Link] = ()
) -> HttpResponse:
    """Answer with what a view of the overview shows, or showed at the instants that the query names, or with
    304 where the caller has it already. Raises HistoryNotShown."""
    clocks = clocks_of(asked.params, at=asked.at)
    if clocks is not None and not view.history:
        raise HistoryNotShown("as_of and known_at may not be asked here.")
    found = overview_shown(asked.workspace_id, view.shows, clocks=clocks)
    content = overview_body(found, media, asked.at.date(), view_id=view.id, links=links)
    digest = blake2b(release().encode() + media.encode() + content, digest_size=18).hexdigest()
    etag = f'W/"{digest}"'
    held = not_modified(asked.request, etag)
    response = HttpResponse(status=304) if held else _response(content, media, clocks)
    response["ETag"] = etag
    response["Cache-Control"] = PRIVATE
    frame(response, view, _POLICIES.get(media))
    return response


def _response(content: bytes, media: str, clocks: Clocks | None) -> HttpResponse:
    told = f"{media}; charset=utf-8" if media in (CSV, HTML) else media
    response = HttpResponse(content, content_type=told)
    response["Cache-Control"] = PRIVATE
    if clocks is not None:
        response["Memento-Datetime"] = http_date(clocks.as_of.timestamp())
    if media == CSV:
        response["Content-Disposition"] = 'attachment; filename="overview.csv"'
    return response
