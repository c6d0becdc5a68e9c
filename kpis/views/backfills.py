"""Backfills of sources: asked for, looked at, cancelled."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions import backfills
from kpis.queries import feeds
from kpis.serializers.backfills import BackfillIn, BackfillOut, backfill_out
from kpis.tasks import work_backfills
from kpis.views.sources import TAG
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer, page_of
from service.schedule import duration_s
from service.serializers import PageQuery
from service.wake import wake


class SourceBackfillList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listSourceBackfills",
        "List the backfills of a source",
        answers=BackfillOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        page = page_of(feeds.backfills_of(row), filters={"of": row.id}, **self.page_params)
        return answer(request, page, backfill_out)

    @operation(
        "backfillSource",
        "Ask a source about the past, window by window",
        body=BackfillIn,
        responses={202: BackfillOut},
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        source = feeds.source(self.workspace_id, ref)
        asked = self.body(BackfillIn)
        step_s = duration_s(asked.get("step"))
        row = backfills.request_backfill(
            source=source,
            start=asked["from"],
            end=asked["to"],
            step=None if step_s is None else timedelta(seconds=step_s),
            at=self.at,
        )
        wake(work_backfills)
        return self.shown(
            backfill_out(row), status=202, location=f"/v1/sources/{source.id}/backfills/{row.id}"
        )


class SourceBackfillDetail(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation("getSourceBackfill", "Read how far a backfill is", answers=BackfillOut, tag=TAG)
    def get(self, request: Request, ref: str, backfill_id: uuid.UUID) -> HttpResponseBase:
        row = feeds.backfill(feeds.source(self.workspace_id, ref), backfill_id)
        return self.shown(backfill_out(row))


class SourceBackfillCancellationList(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "cancelSourceBackfill",
        "Cancel a backfill; what it has recorded stays",
        tag=TAG,
        responses={202: BackfillOut},
    )
    def post(self, request: Request, ref: str, backfill_id: uuid.UUID) -> HttpResponseBase:
        row = feeds.backfill(feeds.source(self.workspace_id, ref), backfill_id)
        row = backfills.cancel_backfill(workspace_id=self.workspace_id, backfill_id=row.id, at=self.at)
        return self.shown(
            backfill_out(row), status=202, location=f"/v1/sources/{row.source_id}/backfills/{row.id}"
        )
