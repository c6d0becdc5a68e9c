"""A future-state map, or a revision made elsewhere, merged into the draft."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.merges import (
    MergeConflictsOut,
    MergeIn,
    MergeOut,
    MergeRowOut,
    conflicts_out,
    incoming,
    merge_out,
    merge_row_out,
)
from journeys.serializers.versions import PublishQuery
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.parsers import LargeJsonParser
from service.problems import MEDIA_TYPE
from service.serializers import PageQuery

TAG = "Drafts"


class MergeList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": PageQuery, "POST": PublishQuery}
    parser_classes = [LargeJsonParser]

    @operation(
        "listMerges",
        "List what was merged into a map, oldest first",
        answers=MergeRowOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_map(self.workspace_id, ref)
        page = page_of(queries.merges_of(row), filters={"map": row.id}, **self.page_params)
        return answer(request, page, merge_row_out)

    @operation(
        "mergeIntoDraft",
        "Merge another map, or a revision made elsewhere, into the draft",
        body=MergeIn,
        created=MergeOut,
        tag=TAG,
        query=PublishQuery,
        parameters=[IF_MATCH],
        responses={
            200: OpenApiResponse(MergeOut, "What a merge would do; nothing was stored."),
            (409, MEDIA_TYPE): OpenApiResponse(
                MergeConflictsOut,
                "`merge_conflicts`: both sides changed the same things, named in `conflicts`. Send it again "
                "with `resolutions`.",
            ),
        },
        description="Three ways: what one side alone changed since `base` is taken. Elements of another map "
        "go by their origin; those that are new come with ids of this map. Its name and state stay there.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        row = queries.open_map(self.workspace_id, ref)
        expected = self.if_match()
        work = partial(
            actions.merge_into_draft,
            journey_map=row,
            incoming=incoming(row, self.body(MergeIn), self.at),
            caller=self.caller,
            expected=expected,
            at=self.at,
        )
        if self.params["dry_run"]:
            told = merge_out(actions.rehearse(work), stored=False)
            return self.shown({**told, "draft_etag": queries.etag_of_draft(queries.draft_of(row))})
        done = work()
        if done.conflicts:
            raise actions.MergeConflicts(done.conflicts, conflicts_out(done.conflicts, row.id))
        return self.shown(
            merge_out(done, stored=True), status=201, location=f"/v1/journey-maps/{row.id}/draft"
        )
