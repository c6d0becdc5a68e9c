"""Versions: published, listed, read as they are for ever, drawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys import actions, queries
from journeys.actions import Published
from journeys.document.validate import parse
from journeys.models import JourneyMap, Version
from journeys.render.face import Face
from journeys.render.html.assets import CONTENT_SECURITY_POLICY
from journeys.render.html.page import render_html
from journeys.render.svg.picture import render_svg
from journeys.serializers.versions import (
    PublishedOut,
    PublishIn,
    PublishQuery,
    VersionOut,
    VersionQuery,
    VersionShown,
    published_out,
    version_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import Page, answer, page_of
from service.preconditions import not_modified
from service.renderers import HtmlRenderer, JsonRenderer, SvgRenderer, encode

TAG = "Versions"
FOR_EVER = "private, max-age=31536000, immutable"


class VersionList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:publish"}
    queries = {"GET": VersionQuery, "POST": PublishQuery}

    @operation(
        "listVersions",
        "List the versions of a map",
        answers=VersionOut,
        many=True,
        tag=TAG,
        query=VersionQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.journey_map(self.workspace_id, ref)
        if as_of := self.params.get("as_of"):
            found = queries.version_as_of(self.workspace_id, row.id, as_of)
            return answer(request, Page([found] if found else [], None, None), version_out)
        page = page_of(queries.versions_of(row), filters={"of": row.id}, **self.page_params)
        return answer(request, page, version_out)

    @operation(
        "publishVersion",
        "Publish the draft as the next version",
        body=PublishIn,
        created=PublishedOut,
        tag=TAG,
        query=PublishQuery,
        parameters=[IF_MATCH],
        responses={200: OpenApiResponse(PublishedOut, "What a publish would do; nothing was stored.")},
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        wanted = {"expected": self.if_match(), **self.body(PublishIn)}
        if self.params["dry_run"]:
            shown = actions.rehearse(lambda: self.publish(row, wanted, dry_run=True))
            return self.shown(shown)
        shown = self.publish(row, wanted, dry_run=False)
        location = f"/v1/journey-maps/{ref}/versions/{shown['number']}"
        return self.shown(shown, status=201, location=location)

    def publish(self, row: JourneyMap, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Publish and return what is answered."""
        published: Published = actions.publish_draft(
            journey_map=row, caller=self.caller, at=self.at, **wanted
        )
        return published_out(published, dry_run=dry_run)


class VersionDetail(ApiView):
    scopes = {"GET": "maps:read"}

    @operation(
        "getVersion",
        "Read a version by number, id or `latest`, with its document",
        answers=VersionShown,
        tag=TAG,
    )
    def get(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        row = queries.version_of(queries.journey_map(self.workspace_id, ref), version)
        etag = f'"{row.id.hex}"'
        if not_modified(request, etag):
            response = HttpResponse(status=304)
        else:
            # The document's bytes are joined in as they are stored: nobody parses them on the way out.
            head = b'{"version":' + encode(version_out(row)) + b',"document":'
            response = HttpResponse(head + queries.version_bytes(row) + b"}", content_type="application/json")
        response["ETag"] = etag
        if version != queries.LATEST:
            response["Cache-Control"] = FOR_EVER
        return response


class VersionDrawing(ApiView):
    """A version without figures, drawn; the live map draws it with them."""

    scopes = {"GET": "maps:read"}
    renderer_classes = [SvgRenderer, HtmlRenderer, JsonRenderer]

    @operation(
        "drawVersion",
        "Draw a version without figures",
        tag=TAG,
        responses={(200, "image/svg+xml"): str, (200, "text/html"): str},
    )
    def get(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        row = queries.version_of(queries.journey_map(self.workspace_id, ref), version)
        document, face = parse(queries.version_bytes(row)), _face(row)
        if request.accepted_renderer.format == "html":
            response = HttpResponse(render_html(document, [], face), content_type="text/html; charset=utf-8")
            response["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'"
        else:
            response = HttpResponse(render_svg(document, [], face), content_type="image/svg+xml")
        response["ETag"] = f'W/"{row.id.hex}.{request.accepted_renderer.format}"'
        return response


def _face(row: Version) -> Face:
    return Face(version=row.number, published_at=row.published_at)
