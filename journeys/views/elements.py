"""Stages and touchpoints of a draft, one by one. Each has an ETag of its own: the hash of its subtree."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.actions import Edited
from journeys.document.elements import Stage, Touchpoint
from journeys.models import JourneyMap
from journeys.queries import STAGE, TOUCHPOINT
from journeys.serializers.elements import (
    StageMoveIn,
    StageNew,
    StageShown,
    StagesShown,
    TouchpointMoveIn,
    TouchpointNew,
    TouchpointShown,
    TouchpointsShown,
    new_element,
)
from service.errors import Issue, ValidationProblem
from service.http import ApiView
from service.openapi import IF_MATCH, operation

TAG = "Drafts"


class ElementView(ApiView):
    """What the views of both kinds share. `Draft-ETag` tells the draft's own ETag after the change."""

    kind: ClassVar[str]
    place: ClassVar[str]  # of the collection in the path

    def _list(self, ref: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.journey_map(self.workspace_id, ref))
        manifest = queries.draft_manifest(draft)
        shown = self.shown({"results": queries.shown_elements(manifest, self.kind)})
        shown["Draft-ETag"] = queries.etag_of_draft(draft)
        return shown

    def _one(self, ref: str, element: str) -> HttpResponseBase:
        draft = queries.draft_of(queries.journey_map(self.workspace_id, ref))
        manifest = queries.draft_manifest(draft)
        found = queries.placed(manifest, self.kind, element)
        shown = self.shown(queries.shown_element(manifest, found))
        shown["Draft-ETag"] = queries.etag_of_draft(draft)
        return shown

    def _edited(self, ref: str, edited: Edited, *, created: bool = False) -> HttpResponseBase:
        found = queries.placed(edited.manifest, self.kind, str(edited.id))
        location = f"/v1/journey-maps/{ref}/draft/{self.place}/{edited.id}" if created else None
        answer = self.shown(
            queries.shown_element(edited.manifest, found), status=201 if created else 200, location=location
        )
        answer["Draft-ETag"] = queries.etag_of_draft(edited.draft)
        return answer

    def _change(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        edited = actions.change_element(
            **self._target(ref, element), expected=self.if_match(), patch=request.data, at=self.at
        )
        return self._edited(ref, edited)

    def _remove(self, ref: str, element: str) -> HttpResponseBase:
        edited = actions.remove_element(**self._target(ref, element), expected=self.if_match(), at=self.at)
        answer = HttpResponse(status=204)
        answer["Draft-ETag"] = queries.etag_of_draft(edited.draft)
        return answer

    def _target(self, ref: str, element: str) -> dict[str, Any]:
        """Name the element; one that is not there is 404 before anything else is asked."""
        journey_map: JourneyMap = queries.open_map(self.workspace_id, ref)
        queries.placed(queries.draft_manifest(queries.draft_of(journey_map)), self.kind, element)
        return {"journey_map": journey_map, "kind": self.kind, "ref": element}


class StageView(ElementView):
    kind, place = STAGE, "stages"


class TouchpointView(ElementView):
    kind, place = TOUCHPOINT, "touchpoints"


class StageList(StageView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}

    @operation("listStages", "List the stages of the draft", answers=StagesShown, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self._list(ref)

    @operation("addStage", "Add a stage to the draft", body=StageNew, created=StageShown, tag=TAG)
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = queries.open_map(self.workspace_id, ref)
        raw, after, stage = new_element(request.data)
        if stage is not None:
            raise ValidationProblem([Issue("/stage", "unknown_field", "A stage stands in no stage.")])
        edited = actions.add_stage(journey_map=journey_map, raw=raw, after=after, at=self.at)
        return self._edited(ref, edited, created=True)


class StageDetail(StageView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getStage", "Read a stage of the draft", answers=StageShown, tag=TAG)
    def get(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._one(ref, element)

    @operation(
        "updateStage", "Change a stage", body=Stage, answers=StageShown, tag=TAG, parameters=[IF_MATCH]
    )
    def patch(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._change(request, ref, element)

    @operation(
        "removeStage", "Take a stage and its touchpoints out of the draft", tag=TAG, parameters=[IF_MATCH]
    )
    def delete(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._remove(ref, element)


class StageMove(StageView):
    scopes = {"POST": "maps:write"}

    @operation(
        "moveStage",
        "Put a stage elsewhere",
        body=StageMoveIn,
        answers=StageShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        target, expected = self._target(ref, element), self.if_match()
        edited = actions.move_element(**target, **self.body(StageMoveIn), expected=expected, at=self.at)
        return self._edited(ref, edited)


class TouchpointList(TouchpointView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}

    @operation("listTouchpoints", "List the touchpoints of the draft", answers=TouchpointsShown, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self._list(ref)

    @operation(
        "addTouchpoint", "Add a touchpoint to a stage", body=TouchpointNew, created=TouchpointShown, tag=TAG
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = queries.open_map(self.workspace_id, ref)
        raw, after, stage = new_element(request.data)
        if stage is None:
            raise ValidationProblem([Issue("/stage", "required", "Name the stage that it stands in.")])
        edited = actions.add_touchpoint(
            journey_map=journey_map, stage=stage, raw=raw, after=after, at=self.at
        )
        return self._edited(ref, edited, created=True)


class TouchpointDetail(TouchpointView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getTouchpoint", "Read a touchpoint of the draft", answers=TouchpointShown, tag=TAG)
    def get(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._one(ref, element)

    @operation(
        "updateTouchpoint",
        "Change a touchpoint",
        body=Touchpoint,
        answers=TouchpointShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._change(request, ref, element)

    @operation("removeTouchpoint", "Take a touchpoint out of the draft", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        return self._remove(ref, element)


class TouchpointMove(TouchpointView):
    scopes = {"POST": "maps:write"}

    @operation(
        "moveTouchpoint",
        "Put a touchpoint elsewhere",
        body=TouchpointMoveIn,
        answers=TouchpointShown,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, ref: str, element: str) -> HttpResponseBase:
        target, expected = self._target(ref, element), self.if_match()
        edited = actions.move_element(**target, **self.body(TouchpointMoveIn), expected=expected, at=self.at)
        return self._edited(ref, edited)
