"""The draft of a map, whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import actions, queries
from journeys.serializers.drafts import DraftDocument, JsonPatch
from journeys.serializers.shapes import members
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.parsers import JsonPatchParser, LargeJsonParser, LargeMergePatchParser
from service.preconditions import not_modified

TAG = "Drafts"


class DraftDetail(ApiView):
    scopes = {"GET": "maps:read", "PUT": "maps:write", "PATCH": "maps:write", "DELETE": "maps:write"}
    parser_classes = [LargeJsonParser]

    @operation(
        "getDraft",
        "Read the draft",
        answers=DraftDocument,
        tag=TAG,
        description="The bytes can be sent back as they are; that changes nothing, not even the ETag.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.open_map(self.workspace_id, ref))
        if not_modified(request, queries.etag_of_draft(draft)):
            response: HttpResponseBase = HttpResponse(status=304)
            response["ETag"] = queries.etag_of_draft(draft)
            return response
        return self.represented(draft)

    @operation(
        "replaceDraft",
        "Write the draft whole",
        body=DraftDocument,
        answers=DraftDocument,
        tag=TAG,
        parameters=[IF_MATCH],
        description="What has no id gets one. 409 where the draft holds members that the `format` of the "
        "body does not know, or an id belongs to an element of another map.",
    )
    def put(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
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
        """Answer with the draft's bytes, not parsed on the way out."""
        content = actions.representation(draft)
        return Response(content, headers={"ETag": queries.etag_of_draft(draft)})

    def get_parsers(self) -> list[Any]:
        if self.request is not None and self.request.method == "PATCH":
            return [LargeMergePatchParser(), JsonPatchParser()]
        return super().get_parsers()
