"""Exports of one map: its document in the words of another tool, or drawn without figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from journeys import queries
from journeys.formats.registry import writable
from journeys.queries import Moment
from journeys.serializers.exports import (
    DRAWN,
    Export,
    ExportQuery,
    LossesOut,
    LossQuery,
    disposition,
    etag_of_export,
    export_of,
    losses_out,
    named_by,
    renderers,
)
from service.http import ApiView
from service.openapi import operation
from service.preconditions import not_modified

TAG = "In and out"
LOSSES = "Export-Losses"


def _headers(*statuses: int) -> list[OpenApiParameter]:
    said = {
        LOSSES: "How many things of the document the format cannot say; `Link` leads to them.",
        "Content-Disposition": "A safe name for the file.",
        "Content-Location": "The export's own address, with the version that was taken.",
    }
    return [
        OpenApiParameter(name, str, OpenApiParameter.HEADER, response=list(statuses), description=text)
        for name, text in said.items()
    ]


def _answers() -> dict[Any, Any]:
    answers: dict[Any, Any] = {304: OpenApiResponse(description="You hold what is current.")}
    for each in writable():
        kind = OpenApiTypes.STR if each.text else OpenApiTypes.BINARY
        if each.media_type.endswith("json"):
            kind = OpenApiTypes.OBJECT
        answers.setdefault((200, each.media_type), OpenApiResponse(kind, "The document."))
    for media_type in DRAWN.values():
        answers[200, media_type] = OpenApiResponse(OpenApiTypes.STR, "The document.")
    return answers


class MapExport(ApiView):
    """A room above that can draw figures takes `written` over."""

    scopes = {"GET": "maps:read"}
    queries = {"GET": ExportQuery}
    renderer_classes = renderers(writable(), DRAWN)

    @operation(
        "exportJourneyMap",
        "Export a map",
        tag=TAG,
        query=ExportQuery,
        parameters=_headers(200),
        responses=_answers(),
        description="The document as `json`, or in the words of another tool; `svg` and `html` draw it. What "
        "a format cannot say is counted in `Export-Losses` and listed where `Link: rel=describedby` leads.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        source = queries.exported(
            queries.open_map(self.workspace_id, ref), self.params.get("version", ""), at=self.at
        )
        name = self.params.get("format") or named_by(request.accepted_renderer.media_type)
        etag = etag_of_export(source, name)
        if not_modified(request, etag):
            response = HttpResponse(status=304)
        else:
            response = _sent(self.written(source, name))
            where = f"/v1/journey-maps/{source.journey_map.id}/export"
            asked = f"format={name}&version={source.name}"
            response["Content-Location"] = f"{where}?{asked}"
            response["Link"] = f'<{where}/losses?{asked}>; rel="describedby"; type="application/json"'
        response["ETag"] = etag
        return response

    def written(self, source: Moment, name: str) -> Export:
        return export_of(source, name)


class MapExportLosses(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": LossQuery}

    @operation(
        "listExportLosses",
        "Tell what an export would leave out",
        tag=TAG,
        query=LossQuery,
        answers=LossesOut,
        description="Each place of the document that the format cannot say, or says otherwise.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        source = queries.exported(
            queries.open_map(self.workspace_id, ref), self.params.get("version", ""), at=self.at
        )
        name = self.params["format"]
        return self.shown(losses_out(source, name, export_of(source, name).losses))


def _sent(export: Export) -> HttpResponse:
    response = HttpResponse(export.content, content_type=export.content_type)
    response["Content-Disposition"] = disposition(export.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    response[LOSSES] = str(len(export.losses))
    if export.policy:
        response["Content-Security-Policy"] = export.policy
    return response
