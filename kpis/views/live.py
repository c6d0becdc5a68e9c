"""The live map over HTTP: as JSON, as a picture, as a page; conditional before anything else."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import http_date
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from journeys.render.html.assets import CONTENT_SECURITY_POLICY
from kpis.queries.live import Head, head_of
from kpis.queries.live_map import Asked, refuse_archived
from kpis.serializers.live import LiveOut, LiveQuery, asked_of
from kpis.serializers.live_answer import HTML, SVG, Form, body_of, known_version, validator
from service.auth import KeyOrViewToken
from service.errors import NotFound
from service.http import PRIVATE, ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.renderers import HtmlRenderer, JsonRenderer, SvgRenderer

FINAL = "private, max-age=31536000, immutable"
POLICIES = {
    HTML: f"{CONTENT_SECURITY_POLICY}; frame-ancestors 'none'",
    SVG: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}


_HEADERS = {
    "ETag": "Weak; the map's revision and a hash of release, media type, query and view.",
    "Content-Location": "The answer's own address, with the number of the version.",
    "Memento-Datetime": "Of an answer as of an instant.",
}


class LiveView(ApiView):
    """Answers with a live map, or with 304 where the caller has it already."""

    queries = {"GET": LiveQuery}

    def answered(self, head: Head, form: Form) -> HttpResponse:
        """Authentication and one index read came before; a 304 asks for nothing more."""
        asked = asked_of(self.params, self.at)
        refuse_archived(head, asked)
        final = asked.is_final(self.at)
        etag = validator(head, asked, form, final=final)
        if not_modified(self.request, etag):
            response = HttpResponse(status=304)
            version = known_version(self.workspace_id, head, etag)
        else:
            body = body_of(self.workspace_id, head, asked, form, etag)
            response, version = (
                HttpResponse(body.content, content_type=_content_type(form.media)),
                body.version,
            )
        response["ETag"] = etag
        response["Cache-Control"] = FINAL if final else PRIVATE
        if asked.instant is not None:
            response["Memento-Datetime"] = http_date(asked.instant.timestamp())
        if version is not None:
            response["Content-Location"] = self.location(head, asked, version)
        if form.media in POLICIES:
            response["Content-Security-Policy"] = POLICIES[form.media]
        return response

    def location(self, head: Head, asked: Asked, version: int) -> str:
        """The address of just this answer: its map by id, its version by number."""
        query = {"version": str(version), **asked.narrowed()}
        return f"/v1/journey-maps/{head.id}/live?{urlencode(query)}"


class LiveMap(LiveView):
    authentication_classes = [KeyOrViewToken]
    scopes: ClassVar = {"GET": "maps:read"}
    renderer_classes = [JsonRenderer, SvgRenderer, HtmlRenderer]

    @operation(
        "getLiveMap",
        "Read the live map: a version and what was measured, now or as of an instant",
        tag="Live map",
        query=LiveQuery,
        parameters=[
            OpenApiParameter(name, str, OpenApiParameter.HEADER, response=["200"], description=said)
            for name, said in _HEADERS.items()
        ],
        responses={
            (200, "application/json"): LiveOut,
            (200, SVG): str,
            (200, HTML): str,
            304: None,
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        head = head_of(self.workspace_id, ref)
        if self.caller.kind == "view_token" and self.caller.target_id != head.id:
            raise NotFound
        return self.answered(head, Form(request.accepted_renderer.media_type))


def _content_type(media: str) -> str:
    return f"{media}; charset=utf-8" if media == HTML else media
