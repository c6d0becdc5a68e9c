"""Inbound endpoints: CRUD, the ingress itself, and what arrived."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from kpis.actions import endpoints, inbound
from kpis.queries import feeds
from kpis.serializers.feed_rows import endpoint_out, event_out
from kpis.serializers.feeds import (
    EndpointIn,
    EndpointOut,
    EndpointSecretOut,
    EndpointTestIn,
    InboundEventDetailOut,
    InboundEventOut,
    InboundEventQuery,
    OverlapIn,
    PreviewOut,
    SecretOut,
)
from kpis.serializers.ingress import RECEIVE
from kpis.tasks import process_inbound
from service.auth import well_formed
from service.credentials import enter_by_secret
from service.errors import NotFound, TooLarge, UnsupportedMediaType
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery, checked, merged
from service.signing import InvalidSignature
from service.wake import wake

TAG = "Inbound endpoints"
GIVEN = ("key", "attributes", "name", "scheme", "rules", "enabled")  # what a patch applies to
MAX_BODY = 1024 * 1024


class EndpointList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": PageQuery}
    shows_secret = True

    @operation(
        "listInboundEndpoints",
        "List inbound endpoints",
        answers=EndpointOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(feeds.endpoints(self.workspace_id), filters={}, **self.page_params)
        return answer(request, page, endpoint_out)

    @operation(
        "createInboundEndpoint",
        "Create an inbound endpoint; URL and secret are shown once",
        body=EndpointIn,
        created=EndpointSecretOut,
        tag=TAG,
    )
    def post(self, request: Request) -> HttpResponseBase:
        row, token, secret = endpoints.create_endpoint(
            workspace_id=self.workspace_id, values=self.body(EndpointIn), at=self.at
        )
        once = {"url": f"{settings.PUBLIC_URL}/hooks/{token}", "secret": secret}
        return self.shown(
            {**endpoint_out(row), **once}, status=201, location=f"/v1/inbound-endpoints/{row.id}"
        )


class EndpointDetail(ApiView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getInboundEndpoint", "Read an inbound endpoint", answers=EndpointOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(endpoint_out(feeds.endpoint(self.workspace_id, ref)), volatile=True)

    @operation(
        "updateInboundEndpoint",
        "Change an inbound endpoint",
        body=EndpointIn,
        answers=EndpointOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        expected = self.if_match()
        given = {name: getattr(row, name) for name in GIVEN}
        if row.key is None:
            del given["key"]
        values = checked(EndpointIn, merged(given, request.data))
        changed = endpoints.change_endpoint(endpoint=row, values=values, expected=expected, at=self.at)
        return self.shown(endpoint_out(changed))

    @operation(
        "archiveInboundEndpoint", "Archive an inbound endpoint; its URL stops", tag=TAG, parameters=[IF_MATCH]
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        endpoints.archive_endpoint(endpoint=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class EndpointRotation(ApiView):
    scopes = {"POST": "kpis:write"}
    shows_secret = True

    @operation(
        "rotateInboundSecret",
        "Give the endpoint a new signing secret; the former one verifies for a while",
        body=OverlapIn,
        created=SecretOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        expected = self.if_match()
        overlap = timedelta(seconds=self.body(OverlapIn)["overlap_seconds"])
        row, secret = endpoints.rotate_secret(endpoint=row, overlap=overlap, expected=expected, at=self.at)
        once = {"secret": secret, "previous_secret_expires_at": row.previous_expires_at}
        return self.shown(once, status=201, location=f"/v1/inbound-endpoints/{row.id}")


class EndpointTest(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "testInboundEndpoint",
        "Show what the rules would read",
        body=EndpointTestIn,
        answers=PreviewOut,
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        return self.shown(endpoints.preview_rules(endpoint=row, body=self.body(EndpointTestIn)["body"]))


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
        filters = {"endpoint_ref": self.params.get("endpoint"), "state": self.params.get("state")}
        rows = feeds.inbound_events(self.workspace_id, **filters)
        return answer(request, page_of(rows, filters=filters, **self.page_params), event_out)


class InboundEventDetail(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation("getInboundEvent", "Read a message that arrived", answers=InboundEventDetailOut, tag=TAG)
    def get(self, request: Request, event_id: uuid.UUID) -> HttpResponseBase:
        row = feeds.inbound_event(self.workspace_id, event_id)
        return self.shown({**event_out(row), "body": bytes(row.body).decode()})


class InboundEventReplay(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "replayInboundEvent",
        "Read a message again, with the rules of now",
        tag=TAG,
        responses={202: InboundEventOut},
    )
    def post(self, request: Request, event_id: uuid.UUID) -> HttpResponseBase:
        row = inbound.replay_event(event=feeds.inbound_event(self.workspace_id, event_id), at=self.at)
        wake(process_inbound)
        return self.shown(event_out(row), status=202, location=f"/v1/inbound-events/{row.id}")


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Ingress(View):
    """`POST /hooks/{token}`: size → token → signature → row → 202. A plain view: raw bytes are read once."""

    http_method_names = ["post", "options"]
    openapi = {"post": RECEIVE}

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        at = datetime.now(UTC)
        body = self._body(request)
        reason, duplicate = "", False
        with transaction.atomic():
            caller = enter_by_secret(token, kinds=("ingress_token",), at=at) if well_formed(token) else None
            if caller is None or caller.target_id is None:
                raise NotFound("There is no such endpoint.")
            try:
                duplicate = inbound.receive(
                    endpoint_id=caller.target_id, headers=dict(request.headers), body=body, at=at
                )
            except InvalidSignature as refusal:
                reason = refusal.reason
                inbound.note_rejection(endpoint_id=caller.target_id, reason=reason, at=at)
            else:
                wake(process_inbound)
        if reason:
            raise InvalidSignature(reason)
        return JsonResponse({"accepted": True, "duplicate": duplicate}, status=202)

    def _body(self, request: HttpRequest) -> bytes:
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise UnsupportedMediaType("Send the body without Content-Encoding.")
        body = request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise TooLarge(f"The limit is {MAX_BODY} bytes.")
        return body
