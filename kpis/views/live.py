"""The live map over HTTP: as JSON, as a picture, as a page; conditional before anything else."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import http_date
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from journeys.render.html.assets import CONTENT_SECURITY_POLICY
from kpis.queries.live import head_of
from kpis.queries.live_asked import refuse_archived
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.live import LiveOut, LiveQuery, asked_of
from kpis.serializers.live_answer import HTML, SVG, Form, body_of, known_version, validator
from service.http import FINAL, PRIVATE, ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.renderers import HtmlRenderer, JsonRenderer, SvgRenderer

POLICIES = {
    HTML: CONTENT_SECURITY_POLICY,
    SVG: "default-src 'none'; style-src 'unsafe-inline'",
}
_HEADERS = {
    "ETag": "Weak; the map's revision and a hash of release, media type, query and view.",
    "Content-Location": "The answer's own address, with the number of the version.",
    "Memento-Datetime": "Of an answer as of an instant.",
}


def told_headers(said: dict[str, str]) -> list[OpenApiParameter]:
    """Return headers of a 200 as the contract declares them."""
    return [
        OpenApiParameter(name, str, OpenApiParameter.HEADER, response=["200"], description=text)
        for name, text in said.items()
    ]


def content_type(media: str) -> str:
    return f"{media}; charset=utf-8" if media == HTML else media


class LiveMap(ApiView):
    """Answers with a live map, or with 304 where the caller has it already."""

    scopes: ClassVar = {"GET": "maps:read"}
    queries = {"GET": LiveQuery}
    renderer_classes = [JsonRenderer, SvgRenderer, HtmlRenderer]

    @operation(
        "getLiveMap",
        "Read the live map: a version and what was measured, now or as of an instant",
        tag="Live map",
        query=LiveQuery,
        parameters=told_headers(_HEADERS),
        responses={
            (200, "application/json"): LiveOut,
            (200, SVG): str,
            (200, HTML): str,
            304: None,
            **BEYOND_RETENTION,
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        """Authentication and one index read come before; a 304 asks for nothing more."""
        head = head_of(self.workspace_id, ref)
        form = Form(request.accepted_renderer.media_type)
        asked = asked_of(self.params, self.at)
        refuse_archived(head, asked)
        final = asked.is_final(self.at)
        etag = validator(head, asked, form, final=final)
        if not_modified(request, etag):
            response = HttpResponse(status=304)
            version = known_version(self.workspace_id, head, etag)
        else:
            body = body_of(self.workspace_id, head, asked, form, etag)
            response = HttpResponse(body.content, content_type=content_type(form.media))
            version = body.version
        response["ETag"] = etag
        response["Cache-Control"] = FINAL if final else PRIVATE
        if asked.instant is not None:
            response["Memento-Datetime"] = http_date(asked.instant.timestamp())
        if version is not None:
            query = urlencode({"version": str(version), **asked.narrowed()})
            response["Content-Location"] = f"/v1/journey-maps/{head.id}/live?{query}"
        if form.media in POLICIES:
            response["Content-Security-Policy"] = f"{POLICIES[form.media]}; frame-ancestors 'none'"
        return response
