"""The draft of a map, whole: read, replaced, patched, discarded."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.document.shape import Document
from journeys.models import Draft
from journeys.serializers.drafts import DraftShown, JsonPatch
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.parsers import JsonPatchParser, LargeJsonParser, LargeMergePatchParser
from service.preconditions import not_modified

TAG = "Drafts"
MERGE_PATCH, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"


class DraftView(ApiView):
    """What the draft's views share: its bytes with its ETag."""

    def answer_draft(self, draft: Draft) -> HttpResponseBase:
        content = actions.representation(draft)
        etag = queries.etag_of_draft(draft)
        if self.request.method in {"GET", "HEAD"} and not_modified(self.request, etag):
            response = HttpResponse(status=304)
        else:
            response = HttpResponse(content, content_type="application/json")
        response["ETag"] = etag
        return response


class DraftDetail(DraftView):
    scopes = {"GET": "maps:read", "PUT": "maps:write", "PATCH": "maps:write", "DELETE": "maps:write"}

    def get_parsers(self) -> list[object]:
        if self.request.method == "PATCH":
            return [LargeMergePatchParser(), JsonPatchParser()]
        return [LargeJsonParser()]

    @operation("getDraft", "Read the draft: its document and its ETag", answers=DraftShown, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.answer_draft(queries.draft_of(queries.journey_map(self.workspace_id, ref)))

    @operation(
        "replaceDraft",
        "Replace the draft; what a GET answered can be sent back",
        body=DraftShown,
        answers=DraftShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def put(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = queries.open_map(self.workspace_id, ref)
        draft = actions.replace_draft(
            journey_map=journey_map, expected=self.if_match(), raw=request.data, at=self.at
        )
        return self.answer_draft(draft)

    @operation(
        "patchDraft",
        "Change the draft by a merge patch or a JSON Patch",
        body={MERGE_PATCH: Document, JSON_PATCH: JsonPatch},
        answers=DraftShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map, expected = queries.open_map(self.workspace_id, ref), self.if_match()
        data = request.data
        if (request.content_type or "").startswith(JSON_PATCH):
            draft = actions.patch_draft(
                journey_map=journey_map, operations=data, expected=expected, at=self.at
            )
        else:
            draft = actions.merge_draft(journey_map=journey_map, patch=data, expected=expected, at=self.at)
        return self.answer_draft(draft)

    @operation(
        "discardDraft",
        "Go back to the version published last",
        answers=DraftShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = queries.open_map(self.workspace_id, ref)
        draft = actions.discard_draft(journey_map=journey_map, expected=self.if_match(), at=self.at)
        return self.answer_draft(draft)
