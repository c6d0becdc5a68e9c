"""Snapshots of a view: pinned moments, and what was restated since."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from kpis.actions import snapshots as actions
from kpis.actions.audience import TOKEN_SCOPES
from kpis.queries import audience
from kpis.queries.audience import pinned_subject
from kpis.serializers.audience_restated import restated, restated_out
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.live import asked_of
from kpis.serializers.snapshots import SnapshotDetailOut, SnapshotIn, SnapshotOut, snapshot_out
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer, page_of
from service.serializers import PageQuery

TAG = "Audience views"


class SnapshotList(ApiView):
    scopes = {"GET": "maps:read", "POST": "views:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listSnapshots",
        "List the snapshots of a view",
        answers=SnapshotOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = audience.view(self.workspace_id, ref)
        rows = audience.snapshots(self.workspace_id, row.id)
        return answer(request, page_of(rows, filters={"view": row.id}, **self.page_params), snapshot_out)

    @operation(
        "pinSnapshot",
        "Pin what a view shows: version, instants and the view as it is defined now",
        body=SnapshotIn,
        created=SnapshotOut,
        tag=TAG,
        responses=BEYOND_RETENTION,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        view = audience.view(self.workspace_id, ref)
        values = self.body(SnapshotIn)
        self.caller.check_holds(TOKEN_SCOPES)
        asked = asked_of(values, self.at)
        row = actions.pin_snapshot(view=view, name=values["name"], asked=asked, at=self.at)
        location = f"/v1/views/{view.id}/snapshots/{row.id}"
        return self.shown(snapshot_out(row), status=201, location=location)


class SnapshotDetail(ApiView):
    scopes = {"GET": "maps:read", "DELETE": "views:write"}

    @operation(
        "getSnapshot",
        "Read a snapshot, and which of its figures were restated since",
        answers=SnapshotDetailOut,
        tag=TAG,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, ref: str, snapshot_id: uuid.UUID) -> HttpResponseBase:
        view = audience.opened(self.workspace_id, audience.view(self.workspace_id, ref).id)
        row = audience.snapshot(self.workspace_id, view.id, snapshot_id)
        found = restated(self.workspace_id, pinned_subject(view, row))
        return self.shown({**snapshot_out(row), "restated": [restated_out(one) for one in found]})

    @operation("removeSnapshot", "Take a snapshot away", tag=TAG)
    def delete(self, request: Request, ref: str, snapshot_id: uuid.UUID) -> HttpResponseBase:
        view = audience.view(self.workspace_id, ref)
        actions.remove_snapshot(snapshot=audience.snapshot(self.workspace_id, view.id, snapshot_id))
        return HttpResponse(status=204)
