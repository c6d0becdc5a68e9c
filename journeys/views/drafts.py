"""The draft of a map, whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import actions, queries
from journeys.formats.registry import JSON, TEXTS, Format
from journeys.serializers.drafts import (
    DraftDocument,
    DraftQuery,
    DraftTextQuery,
    JsonPatch,
    draft_as_text,
    text_order,
)
from journeys.serializers.exports import renderers
from journeys.serializers.shapes import members
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.parsers import JsonPatchParser, LargeJsonParser, LargeMergePatchParser, raw_parsers
from service.preconditions import not_modified

TAG = "Drafts"
TEXT_TYPES = [media for each in TEXTS for media in (each.media_type, *each.also_types)]
_SHOWN: dict[Any, Any] = {(200, JSON): DraftDocument} | {
    (200, each.media_type): OpenApiResponse(OpenApiTypes.STR, each.title) for each in TEXTS
}


class DraftDetail(ApiView):
    scopes = {"GET": "maps:read", "PUT": "maps:write", "PATCH": "maps:write", "DELETE": "maps:write"}
    queries = {"GET": DraftQuery, "PUT": DraftTextQuery}
    parser_classes = [LargeJsonParser, *raw_parsers(TEXT_TYPES)]
    renderer_classes = renderers(TEXTS, drawn={})

    @operation(
        "getDraft",
        "Read the draft",
        responses=_SHOWN | {304: OpenApiResponse(description="You hold what is current.")},
        query=DraftQuery,
        tag=TAG,
        description="The bytes can be sent back as they are; that changes nothing, not even the ETag. As "
        "text, too: the long form (CSV), or a Mermaid diagram, which says less.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.open_map(self.workspace_id, ref))
        if self.text_asked() is None and not_modified(request, queries.etag_of_draft(draft)):
            response: HttpResponseBase = HttpResponse(status=304)
            response["ETag"] = queries.etag_of_draft(draft)
            return response
        return self.represented(draft)

    @operation(
        "replaceDraft",
        "Write the draft whole",
        body={JSON: DraftDocument, **dict.fromkeys(TEXT_TYPES, OpenApiTypes.STR)},
        responses=_SHOWN,
        query=DraftTextQuery,
        tag=TAG,
        parameters=[IF_MATCH],
        description="As text, what the text cannot say stays as it is; stages and touchpoints are matched by "
        "id, key, name and place. As JSON, what has no id gets one. 409 where the "
        "draft holds members that the `format` of the body does not know, or an id belongs to an element of "
        "another map.",
    )
    def put(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        if isinstance(request.data, bytes):
            order = text_order(request, self.params["on_missing"])
            return self.represented(
                actions.replace_draft_by_text(journey_map=row, order=order, expected=expected, at=self.at)
            )
        return self.represented(
            actions.replace_draft(journey_map=row, raw=members(request.data), expected=expected, at=self.at)
        )

    @operation(
        "patchDraft",
        "Patch the draft",
        body={"application/merge-patch+json": DraftDocument, "application/json-patch+json": JsonPatch},
        answers=DraftDocument,
        tag=TAG,
        parameters=[IF_MATCH],
        description="RFC 7396 or RFC 6902, applied to what GET shows. A `test` that fails is 409.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        given: dict[str, Any] = {"journey_map": row, "expected": self.if_match(), "at": self.at}
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        if media_type == JsonPatchParser.media_type:
            return self.represented(actions.patch_draft(operations=request.data, **given))
        return self.represented(actions.merge_draft(patch=request.data, **given))

    @operation(
        "discardDraft",
        "Go back to the version published last",
        answers=DraftDocument,
        tag=TAG,
        parameters=[IF_MATCH],
        description="409 when nothing was published yet.",
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        draft = actions.discard_draft(journey_map=row, expected=self.if_match(), at=self.at)
        return self.represented(draft)

    def represented(self, draft: Any) -> HttpResponseBase:
        """Answer with the draft's bytes, not parsed on the way out; or as the text that was asked for."""
        form = self.text_asked()
        if form is not None:
            written = draft_as_text(draft, form)
            response: HttpResponseBase = HttpResponse(written.content, content_type=form.content_type)
            response["Export-Losses"] = str(len(written.losses))
            response["ETag"] = queries.etag_of_draft(draft)
            return response
        content = actions.representation(draft)
        return Response(content, headers={"ETag": queries.etag_of_draft(draft)})

    def text_asked(self) -> Format | None:
        """Return the format that the query or Accept asks for, None for JSON."""
        asked = self.params.get("format") or self.request.accepted_renderer.format
        return next((each for each in TEXTS if each.name == asked), None)

    def get_parsers(self) -> list[Any]:
        if self.request is not None and self.request.method == "PATCH":
            return [LargeMergePatchParser(), JsonPatchParser()]
        return super().get_parsers()
