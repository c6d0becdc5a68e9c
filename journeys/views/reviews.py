"""Reviews of the draft, and labels of versions."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.reviews import (
    DraftReviewIn,
    DraftReviewOut,
    LabelsIn,
    LabelsOut,
    labels_out,
    review_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery


class ReviewList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:review"}
    queries = {"GET": PageQuery}

    @operation(
        "listReviews",
        "List what was said of a map's drafts, oldest first",
        answers=DraftReviewOut,
        many=True,
        tag="Drafts",
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        page = page_of(queries.reviews_of(row), filters={"map": row.id}, **self.page_params)
        return answer(request, page, review_out)

    @operation(
        "reviewDraft",
        "Approve or reject the draft",
        body=DraftReviewIn,
        created=DraftReviewOut,
        tag="Drafts",
        parameters=[IF_MATCH],
        description="A review is of what the draft says now: after an edit it counts no more. Where a map "
        "`requires_approval`, somebody else than who publishes has to approve, and nobody to reject.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        review = actions.review_draft(
            journey_map=row, caller=self.caller, expected=expected, at=self.at, **self.body(DraftReviewIn)
        )
        where = f"/v1/journey-maps/{row.id}/draft/reviews"
        return self.shown(review_out(review), status=201, location=where)


class VersionLabelsDetail(ApiView):
    scopes = {"GET": "maps:read", "PUT": "maps:write"}

    @operation("getVersionLabels", "Read the labels of a version", answers=LabelsOut, tag="Versions")
    def get(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        found = queries.version_of(queries.open_map(self.workspace_id, ref), version)
        return self.shown(labels_out(queries.labels_of(found)))

    @operation(
        "setVersionLabels",
        "Label a version",
        body=LabelsIn,
        answers=LabelsOut,
        tag="Versions",
        parameters=[IF_MATCH],
        description="Names that people give it afterwards, such as `Q3 board`; no part of what it says.",
    )
    def put(self, request: Request, ref: str, version: str) -> HttpResponseBase:
        found = queries.version_of(queries.open_map(self.workspace_id, ref), version)
        expected = self.if_match()
        labels = self.body(LabelsIn)["labels"]
        row = actions.set_labels(
            version=found, labels=labels, caller=self.caller, expected=expected, at=self.at
        )
        return self.shown(labels_out(row))
