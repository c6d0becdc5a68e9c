"""Versions: published, listed, read; drawn without figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import actions, queries
from journeys.serializers.drawings import (
    FORMATS,
    HTML,
    POLICIES,
    SVG,
    DrawingQuery,
    drawing,
    etag_of_drawing,
)
from journeys.serializers.versions import (
    PublishedOut,
    PublishIn,
    PublishQuery,
    VersionDocumentOut,
    VersionListQuery,
    VersionOut,
    VersionQuery,
    etag_of_version,
    instant_asked,
    published_out,
    version_bytes_out,
    version_out,
)
from service.http import FINAL, ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.preconditions import not_modified
from service.renderers import HtmlRenderer, SvgRenderer

TAG = "Versions"


class VersionList(ApiView):
    """A room above that has more to say of a publish takes `post` and `publish` over."""

    scopes = {"GET": "maps:read", "POST": "maps:publish"}
    queries = {"GET": VersionListQuery, "POST": PublishQuery}

    @operation(
        "listVersions",
        "List the versions of a map, oldest first",
        answers=VersionOut,
        many=True,
        tag=TAG,
        query=VersionListQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        rows, label = queries.versions_of(row), self.params.get("label")
        if label is not None:
            rows = rows.filter(number__in=queries.labelled(row, label).values("number"))
        page = page_of(rows, filters={"map": row.id, "label": label}, **self.page_params)
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
        description="If-Match names the draft. 409 `nothing_to_publish` where the latest version says the "
        "same; 422 where the draft names what is not there.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        wanted = {**self.body(PublishIn), "expected": expected}
        if self.params["dry_run"]:
            return self.shown(actions.rehearse(partial(self.publish, row, wanted, dry_run=True)))
        body = self.publish(row, wanted, dry_run=False)
        return self.shown(body, status=201, location=f"/v1/journey-maps/{row.id}/versions/{body['number']}")

    def publish(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        """Publish (a dry run is taken back by the caller) and return the body of the answer."""
        published = actions.publish_draft(journey_map=row, caller=self.caller, at=self.at, **wanted)
        return published_out(published, dry_run=dry_run)


class VersionDetail(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": VersionQuery}

    @operation(
        "getVersion",
        "Read a version with its document",
        answers=VersionDocumentOut,
        tag=TAG,
        query=VersionQuery,
        description="By number, by id, or as `latest`. With `as_of`: what was the latest at that instant, or "
        "the named one if it was published by then. A version changes by redaction alone, and its ETag too.",
    )
    def get(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        at = instant_asked(self.params, self.at)
        if at is None:
            row = queries.open_map(self.workspace_id, ref)
            found = queries.version_of(row, version)
        else:
            row = queries.journey_map(self.workspace_id, ref)
            found = queries.version_at(row, version, at)
        etag = etag_of_version(found)
        if not_modified(request, etag):
            response: HttpResponseBase = HttpResponse(status=304)
        else:
            response = Response(version_bytes_out(found))
        response["ETag"] = etag
        response["Content-Location"] = f"/v1/journey-maps/{row.id}/versions/{found.number}"
        if at:
            response["Memento-Datetime"] = http_date(found.published_at.timestamp())
        if version != queries.LATEST:
            response["Cache-Control"] = FINAL
        return response


class VersionDrawing(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": DrawingQuery}
    renderer_classes = [SvgRenderer, HtmlRenderer]

    @operation(
        "drawVersion",
        "Draw a version without figures",
        tag=TAG,
        query=DrawingQuery,
        responses={
            (200, SVG): OpenApiResponse(OpenApiTypes.STR, "A picture."),
            (200, HTML): OpenApiResponse(OpenApiTypes.STR, "A page that needs nothing else."),
            304: OpenApiResponse(description="You hold what is current."),
        },
    )
    def get(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        found = queries.version_of(queries.open_map(self.workspace_id, ref), version)
        media_type = FORMATS.get(self.params.get("format", ""), request.accepted_renderer.media_type)
        etag = etag_of_drawing(found, media_type)
        if not_modified(request, etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(drawing(found, media_type), content_type=f"{media_type}; charset=utf-8")
            response["Content-Security-Policy"] = POLICIES[media_type]
        response["ETag"] = etag
        return response
