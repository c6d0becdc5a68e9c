"""Stages and touchpoints of the draft, one by one. An answer to a change names the draft's new ETag, too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from journeys import actions, queries
from journeys.queries import STAGE, TOUCHPOINT
from journeys.serializers.drafts import (
    DraftStage,
    DraftStagePage,
    DraftTouchpoint,
    DraftTouchpointPage,
    StageIn,
    StageMove,
    TouchpointIn,
    TouchpointMove,
    after_of,
    new_stage,
    new_touchpoint,
)
from journeys.serializers.element_pages import page_of_elements
from journeys.serializers.shapes import read
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer
from service.preconditions import IfMatch
from service.serializers import PageQuery

TAG = "Drafts"
DRAFT_ETAG = OpenApiParameter(
    "Draft-ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 204],
    description="The ETag of the whole draft after this.",
)
CHANGES = [IF_MATCH, DRAFT_ETAG]


class ElementView(ApiView):
    """What both kinds share."""

    kind: ClassVar[str]

    def elements(self, request: Request, ref: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.open_map(self.workspace_id, ref))
        rows = queries.shown_elements(queries.draft_manifest(draft), self.kind)
        return answer(request, page_of_elements(rows, **self.page_params), dict)

    def element(self, ref: str, element: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.open_map(self.workspace_id, ref))
        manifest = queries.draft_manifest(draft)
        return self.shown(queries.shown_element(manifest, queries.placed(manifest, self.kind, element)))

    def changed(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        return self.edited(
            actions.change_element(
                journey_map=row,
                kind=self.kind,
                ref=element,
                patch=request.data,
                expected=self.precondition(row, element),
                at=self.at,
            )
        )

    def removed(self, ref: str, element: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        edited = actions.remove_element(
            journey_map=row, kind=self.kind, ref=element, expected=self.precondition(row, element), at=self.at
        )
        return HttpResponse(status=204, headers={"Draft-ETag": queries.etag_of_draft(edited.draft)})

    def moved(self, ref: str, element: str, place: dict[str, Any]) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        return self.edited(
            actions.move_element(
                journey_map=row,
                kind=self.kind,
                ref=element,
                expected=self.precondition(row, element),
                at=self.at,
                **place,
            )
        )

    def precondition(self, row: Any, element: str) -> IfMatch:
        """The mandatory If-Match; an element that is not there is told first."""
        if "If-Match" not in self.request.headers:
            queries.placed(queries.draft_manifest(queries.draft_of(row)), self.kind, element)
        return self.if_match()

    def edited(self, edited: actions.Edited, *, status: int = 200) -> HttpResponseBase:
        own = queries.placed(edited.manifest, self.kind, str(edited.id))
        where = f"/v1/journey-maps/{edited.draft.journey_map_id}/draft/{self.kind}s/{edited.id}"
        response = self.shown(
            queries.shown_element(edited.manifest, own),
            status=status,
            location=where if status == 201 else None,
        )
        response["Draft-ETag"] = queries.etag_of_draft(edited.draft)
        return response


class StageList(ElementView):
    kind = STAGE
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listDraftStages",
        "List the draft's stages in their order",
        answers=DraftStagePage,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.elements(request, ref)

    @operation(
        "createDraftStage", "Add a stage", body=StageIn, created=DraftStage, tag=TAG, parameters=[DRAFT_ETAG]
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        raw, after = new_stage(request.data)
        return self.edited(actions.add_stage(journey_map=row, raw=raw, after=after, at=self.at), status=201)


class StageDetail(ElementView):
    kind = STAGE
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getDraftStage", "Read a stage of the draft", answers=DraftStage, tag=TAG)
    def get(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.element(ref, element)

    @operation(
        "updateDraftStage", "Change a stage", body=DraftStage, answers=DraftStage, tag=TAG, parameters=CHANGES
    )
    def patch(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.changed(request, ref, element)

    @operation(
        "deleteDraftStage", "Take a stage and its touchpoints out of the draft", tag=TAG, parameters=CHANGES
    )
    def delete(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.removed(ref, element)


class StageMoves(ElementView):
    kind = STAGE
    scopes = {"POST": "maps:write"}

    @operation(
        "moveDraftStage",
        "Put a stage elsewhere",
        body=StageMove,
        answers=DraftStage,
        tag=TAG,
        parameters=CHANGES,
    )
    def post(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        read(StageMove, request.data)
        return self.moved(ref, element, {"after": after_of(request.data)})


class TouchpointList(ElementView):
    kind = TOUCHPOINT
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listDraftTouchpoints",
        "List the draft's touchpoints in their order",
        answers=DraftTouchpointPage,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.elements(request, ref)

    @operation(
        "createDraftTouchpoint",
        "Add a touchpoint",
        body=TouchpointIn,
        created=DraftTouchpoint,
        tag=TAG,
        parameters=[DRAFT_ETAG],
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        stage, raw, after = new_touchpoint(request.data)
        edited = actions.add_touchpoint(journey_map=row, stage=stage, raw=raw, after=after, at=self.at)
        return self.edited(edited, status=201)


class TouchpointDetail(ElementView):
    kind = TOUCHPOINT
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getDraftTouchpoint", "Read a touchpoint of the draft", answers=DraftTouchpoint, tag=TAG)
    def get(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.element(ref, element)

    @operation(
        "updateDraftTouchpoint",
        "Change a touchpoint",
        body=DraftTouchpoint,
        answers=DraftTouchpoint,
        tag=TAG,
        parameters=CHANGES,
    )
    def patch(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.changed(request, ref, element)

    @operation("deleteDraftTouchpoint", "Take a touchpoint out of the draft", tag=TAG, parameters=CHANGES)
    def delete(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self.removed(ref, element)


class TouchpointMoves(ElementView):
    kind = TOUCHPOINT
    scopes = {"POST": "maps:write"}

    @operation(
        "moveDraftTouchpoint",
        "Put a touchpoint elsewhere",
        body=TouchpointMove,
        answers=DraftTouchpoint,
        tag=TAG,
        parameters=CHANGES,
    )
    def post(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        stage = read(TouchpointMove, request.data).stage
        return self.moved(ref, element, {"stage": stage, "after": after_of(request.data)})
