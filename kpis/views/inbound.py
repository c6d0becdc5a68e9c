"""The messages that arrived."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from kpis.actions import inbound_replays as replays
from kpis.actions.inbound_following import documents_of
from kpis.queries import feeds
from kpis.serializers.feed_rows import event_out
from kpis.serializers.inbound_events import InboundEventDetailOut, InboundEventOut, InboundEventQuery
from kpis.tasks import process_inbound
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer, page_of
from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut
from service.wake import wake

TAG = "Inbound endpoints"
_FILTERS = ("state", "type", "since", "until")


class InboundEventList(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": InboundEventQuery}

    @operation(
        "listInboundEvents",
        "List the messages that arrived",
        answers=InboundEventOut,
        many=True,
        tag=TAG,
        query=InboundEventQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name) for name in _FILTERS}
        filters["endpoint_ref"] = self.params.get("endpoint")
        rows = feeds.inbound_events(self.workspace_id, **filters)
        return answer(request, page_of(rows, filters=filters, **self.page_params), event_out)


class InboundEventDetail(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation(
        "getInboundEvent",
        "Read a message that arrived",
        answers=InboundEventDetailOut,
        tag=TAG,
        responses={(410, MEDIA_TYPE): OpenApiResponse(ProblemOut, feeds.GONE)},
    )
    def get(self, request: Request, event_id: uuid.UUID) -> HttpResponseBase:
        row = feeds.inbound_event(self.workspace_id, event_id, at=self.at)
        body = None if row.body_gone_at else bytes(row.body).decode("utf-8", "replace")
        return self.shown({**event_out(row), "body": body, "followed": documents_of(row)})


class InboundEventReplay(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "replayInboundEvent",
        "Read a message again, with the rules of now",
        tag=TAG,
        responses={202: InboundEventOut, (410, MEDIA_TYPE): OpenApiResponse(ProblemOut, feeds.GONE)},
    )
    def post(self, request: Request, event_id: uuid.UUID) -> HttpResponseBase:
        row = feeds.readable_event(self.workspace_id, event_id, at=self.at)
        replays.replay_events(events=feeds.inbound_events(self.workspace_id, events=[row.id]), at=self.at)
        row.refresh_from_db()
        wake(process_inbound)
        return self.shown(event_out(row), status=202, location=f"/v1/inbound-events/{row.id}")
