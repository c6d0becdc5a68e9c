"""What people said: recorded one by one or in batches, read, erased."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import queries as journeys
from kpis.actions.feedback import record_feedback
from kpis.actions.feedback_kept import erase_feedback
from kpis.actions.feedback_pins import pin_feedback
from kpis.queries import definitions, feedback
from kpis.queries.feedback import Asked
from kpis.queries.feedback_past import as_known, feedback_then, refuse_forgotten
from kpis.queries.points_plan import Clocks, known_by
from kpis.serializers.clocks import clocks_of
from kpis.serializers.feedback import (
    FeedbackBatchBody,
    FeedbackBatchOut,
    FeedbackIn,
    FeedbackOut,
    FeedbackPastQuery,
    FeedbackQuery,
    FeedbackRecordedOut,
    FeedbackRecordQuery,
    PinIn,
    PinnedOut,
    batch_out,
    feedback_out,
    pinned_out,
    status_of,
)
from kpis.serializers.feedback_items import items_of
from service.errors import Conflict, Issue, ValidationProblem
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of, page_of_rows
from service.parsers import StrictJsonParser, raw_parsers
from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut

TAG = "Feedback"
FORGOTTEN = {
    (410, MEDIA_TYPE): OpenApiResponse(ProblemOut, "What people had said by then is no longer kept.")
}
CSV = "text/csv"


class FeedbackList(ApiView):
    scopes = {"GET": "feedback:read", "POST": "feedback:write"}
    queries = {"GET": FeedbackQuery, "POST": FeedbackRecordQuery}

    @operation(
        "listFeedback",
        "List what people said",
        answers=FeedbackOut,
        many=True,
        tag=TAG,
        query=FeedbackQuery,
        description="In the order in which it was recorded. Of a finding, `feedback` is the address of what "
        "was said in its period. As of an instant: what had been said by then, in the words and at the "
        "places that were known; filters speak of these, `bound` of where the KPI was bound. What was "
        "erased, or is too old to be kept, is in no answer; pins and ETags are those of now.",
        responses=FORGOTTEN,
    )
    def get(self, request: Request) -> HttpResponseBase:
        clocks = clocks_of(self.params, at=self.at)
        asked = self._asked(clocks)
        filters = {**asdict(asked), **{name: self.params.get(name) for name in ("as_of", "known_at")}}
        if clocks is None:
            rows = feedback.feedback_listed(self.workspace_id, asked)
            page = page_of(rows, filters=filters, **self.page_params)
        else:
            refuse_forgotten(self.workspace_id, clocks, at=self.at)
            told = feedback_then(self.workspace_id, asked, clocks)
            page = page_of_rows(told, filters=filters, **self.page_params)
        return answer(request, page, feedback_out)

    @operation(
        "recordFeedback",
        "Record what somebody said",
        description="A repeat of what is known answers 200; another text under its external id 409, or "
        "corrects it. Personal data is hidden before it is stored, as the settings say.",
        body=FeedbackIn,
        answers=FeedbackRecordedOut,
        created=FeedbackRecordedOut,
        tag=TAG,
        query=FeedbackRecordQuery,
    )
    def post(self, request: Request) -> HttpResponseBase:
        (outcome,) = record_feedback(
            workspace_id=self.workspace_id,
            items=[self.body(FeedbackIn)],
            correct=self.params["on_conflict"] == "correct",
            at=self.at,
        )
        status = status_of(outcome)
        if status == 400:
            raise ValidationProblem(outcome.issues)
        if outcome.status == "refused" or outcome.row is None:
            (issue,) = outcome.issues
            raise Conflict(issue.detail, code=issue.code, issues=outcome.issues)
        shown = feedback_out(outcome.row) | {"outcome": outcome.status}
        location = f"/v1/feedback/{outcome.row.id}" if status == 201 else None
        return self.shown(shown, status=status, location=location)

    def _asked(self, clocks: Clocks | None) -> Asked:
        given, own = self.params, self.workspace_id
        found: dict[str, Any] = {
            name: given[name] for name in ("labels", "external_id", "q") if name in given
        }
        found |= {"since": given.get("from"), "until": given.get("to")}
        if "solicited" in given:
            found["solicited"] = given["solicited"] == "true"
        if "kpi" in given:
            found["kpi"] = definitions.kpi(own, given["kpi"]).id
            found["bound"] = given.get("bound") == "true"
        if "element" in given and "journey_map" not in given:
            detail = "Name the journey_map that it is in, too."
            raise ValidationProblem([Issue("/journey_map", "required", detail)])
        if "journey_map" in given:
            journey_map = journeys.open_map(own, given["journey_map"], known_by(clocks))
            found["journey_map"] = journey_map.id
            if "element" in given:
                found["element"] = journeys.element(journey_map, given["element"]).id
        return Asked(**found)


class FeedbackBatch(ApiView):
    scopes = {"POST": "feedback:write"}
    queries = {"POST": FeedbackRecordQuery}
    parser_classes = [StrictJsonParser, *raw_parsers([CSV])]

    @operation(
        "recordFeedbackBatch",
        "Record what up to 1000 people said, as JSON or CSV",
        description="Answers 207 with one result per item: what is wrong with one keeps no other from being "
        "recorded. A CSV is UTF-8, its first line names the columns as the members of an item are named, "
        "with `label.<name>` for each label; an empty cell is absent.",
        body={"application/json": FeedbackBatchBody, CSV: OpenApiTypes.STR},
        tag=TAG,
        query=FeedbackRecordQuery,
        responses={207: OpenApiResponse(FeedbackBatchOut, "One result per item.")},
    )
    def post(self, request: Request) -> HttpResponseBase:
        items, misformed = items_of(request.data)
        outcomes = record_feedback(
            workspace_id=self.workspace_id,
            items=list(items.values()),
            correct=self.params["on_conflict"] == "correct",
            at=self.at,
        )
        return Response(batch_out(outcomes, misformed), status=207)


class FeedbackDetail(ApiView):
    scopes = {"GET": "feedback:read", "DELETE": "feedback:write"}
    queries = {"GET": FeedbackPastQuery}

    @operation(
        "getFeedback",
        "Read what somebody said, as it is or was known",
        description="As of an instant: 404 where it had not been said, or nothing of it was known by then.",
        answers=FeedbackOut,
        tag=TAG,
        query=FeedbackPastQuery,
    )
    def get(self, request: Request, feedback_id: uuid.UUID) -> HttpResponseBase:
        clocks = clocks_of(self.params, at=self.at)
        row = feedback.feedback(self.workspace_id, feedback_id)
        if clocks is None:
            return self.shown(feedback_out(row))
        return self.shown(feedback_out(as_known(row, clocks)), volatile=True)

    @operation(
        "eraseFeedback",
        "Erase what somebody said",
        tag=TAG,
        parameters=[IF_MATCH],
        description="The text and all that was told with it goes; who erased it, and when, stays. Sent again "
        "under the same external id it does not come back.",
    )
    def delete(self, request: Request, feedback_id: uuid.UUID) -> HttpResponseBase:
        row = feedback.feedback(self.workspace_id, feedback_id)
        erase_feedback(row=row, caller=self.caller, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class FeedbackPinList(ApiView):
    scopes = {"POST": "maps:write"}

    @operation(
        "pinFeedback",
        "Make what somebody said a quote of the draft",
        body=PinIn,
        created=PinnedOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="If-Match is the draft's ETag. The quote's evidence is `observed`, its source the "
        "address of what was said. Needs the scope feedback:read besides.",
    )
    def post(self, request: Request, feedback_id: uuid.UUID) -> HttpResponseBase:
        self.caller.check_holds(["feedback:read"])
        row = feedback.feedback(self.workspace_id, feedback_id)
        expected = self.if_match()
        pinned = pin_feedback(row=row, expected=expected, at=self.at, **self.body(PinIn))
        where = f"/v1/journey-maps/{pinned.journey_map}/draft/touchpoints/{pinned.element}"
        return self.shown(pinned_out(pinned), status=201, location=where)
