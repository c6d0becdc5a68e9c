"""Renditions: PNG and PDF, made by a worker, polled until they are ready."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys import queries
from journeys.actions.renditions import Drawing, request_rendition
from journeys.queries.renditions import rendition
from journeys.render.typeset import MEDIA_TYPES
from journeys.serializers.exports import disposition
from journeys.serializers.renditions import (
    RenditionIn,
    RenditionOut,
    drawing_of,
    form_of,
    place_of,
    rendition_out,
)
from journeys.tasks import keep_renditions
from service.errors import Conflict
from service.http import ApiView
from service.openapi import operation
from service.preconditions import not_modified
from service.renderers import JsonRenderer
from service.wake import wake

TAG = "In and out"
RETRY_S = 1
_BYTES = OpenApiResponse(OpenApiTypes.BINARY, "The picture.")


class NotReady(Conflict):
    code, title = "not_ready", "The picture is not made yet."


class RenditionFailed(Conflict):
    code, title = "rendition_failed", "The picture could not be made."


class PngRenderer(JsonRenderer):
    """Negotiates a picture; the view answers with its bytes, refusals stay JSON."""

    media_type, format = "image/png", "png"


class PdfRenderer(JsonRenderer):
    """Negotiates a page; the view answers with its bytes, refusals stay JSON."""

    media_type, format = "application/pdf", "pdf"


class RenditionView(ApiView):
    """What the views of renditions share, in whatever room: how one is asked for."""

    def rendered(self, row: Any, drawing: Drawing, wanted: dict[str, Any]) -> HttpResponseBase:
        """Ask for the rendition and answer with how far it is."""
        found = request_rendition(journey_map=row, drawing=drawing, form=form_of(wanted), at=self.at)
        wake(keep_renditions)
        return self.shown(rendition_out(found), status=202, location=place_of(found))


class RenditionList(RenditionView):
    scopes = {"POST": "maps:read"}

    @operation(
        "renderJourneyMap",
        "Ask for a PNG or PDF of a map",
        body=RenditionIn,
        tag=TAG,
        responses={202: RenditionOut},
        description="A worker makes it: poll `Location` until `state` is ready, then get `content`. The same "
        "asked for again is the same rendition. Without figures; `POST …/live/renditions` has them.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        row = queries.open_map(self.workspace_id, ref)
        wanted = self.body(RenditionIn)
        source = queries.exported(row, wanted.get("version", ""), at=self.at)
        return self.rendered(row, drawing_of(source), wanted)


class RenditionDetail(ApiView):
    scopes = {"GET": "maps:read"}

    @operation("getRendition", "Read how far a rendition is", answers=RenditionOut, tag=TAG)
    def get(self, request: Request, ref: str, rendition_id: uuid.UUID) -> HttpResponseBase:
        found = rendition(queries.open_map(self.workspace_id, ref), rendition_id, self.at)
        response = self.shown(rendition_out(found))
        if found.finished_at is None:
            response["Retry-After"] = str(RETRY_S)
        return response


class RenditionContent(ApiView):
    scopes = {"GET": "maps:read"}
    renderer_classes = [PngRenderer, PdfRenderer]

    @operation(
        "getRenditionContent",
        "Get the bytes of a rendition",
        tag=TAG,
        responses={
            **{(200, kind): _BYTES for kind in MEDIA_TYPES.values()},
            304: OpenApiResponse(description="You hold what is current."),
            409: OpenApiResponse(description="Not ready yet, or failed."),
        },
    )
    def get(self, request: Request, ref: str, rendition_id: uuid.UUID) -> HttpResponseBase:
        found = rendition(queries.open_map(self.workspace_id, ref), rendition_id, self.at)
        if found.finished_at is None:
            raise NotReady(headers={"Retry-After": str(RETRY_S)})
        if found.content is None:
            raise RenditionFailed(found.refusal)
        etag = f'"{bytes(found.digest).hex()[:32]}"'
        if not_modified(request, etag):
            response = HttpResponse(status=304)
        else:
            kind = MEDIA_TYPES["png" if found.format == "png" else "pdf"]
            response = HttpResponse(bytes(found.content), content_type=kind)
            response["Content-Disposition"] = disposition(f"{found.title}-{found.subject}.{found.format}")
            response["X-Content-Type-Options"] = "nosniff"
        response["ETag"] = etag
        response["Cache-Control"] = "private, max-age=3600"
        return response
