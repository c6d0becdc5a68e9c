"""Inbound endpoints: CRUD, their secrets and URLs, and what their rules would read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.actions import endpoints
from kpis.actions.asking import NOT_NOW
from kpis.queries import feeds
from kpis.queries.feeds import EndpointHealth
from kpis.serializers.feed_rows import endpoint_out, provider_out
from kpis.serializers.feeds import PreviewOut
from kpis.serializers.inbound import (
    EndpointCreateIn,
    EndpointIn,
    EndpointOut,
    EndpointSecretOut,
    EndpointTestIn,
    OverlapIn,
    ProvidersOut,
    SecretIn,
    SecretOut,
    UrlOut,
)
from kpis.tasks import process_inbound
from service.http import ApiView, WaitingView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.problems import MEDIA_TYPE
from service.providers.table import PROVIDERS
from service.serializers import PageQuery, ProblemOut, checked, merged
from service.wake import wake

TAG = "Inbound endpoints"
# what a patch applies to
GIVEN = (
    "key", "attributes", "name", "provider", "envelope", "verification", "event", "fetch", "rules", "enabled",
)  # fmt: skip


def hook_url(token: str) -> str:
    """Return the URL that senders are given."""
    return f"{settings.PUBLIC_URL}/hooks/{token}"


class EndpointView(ApiView):
    """A view that answers with an endpoint."""

    def out(self, row: Any) -> dict[str, Any]:
        health = feeds.endpoint_health(self.workspace_id, [row.id], at=self.at)
        return endpoint_out(row, health.get(row.id, EndpointHealth()))


class ProviderList(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation(
        "listInboundProviders", "List who can post, and how they prove it", answers=ProvidersOut, tag=TAG
    )
    def get(self, request: Request) -> HttpResponseBase:
        return Response({"results": [provider_out(row) for row in PROVIDERS.values()]})


class EndpointList(EndpointView):
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
        health = feeds.endpoint_health(self.workspace_id, [row.id for row in page.rows], at=self.at)
        return answer(request, page, lambda row: endpoint_out(row, health.get(row.id, EndpointHealth())))

    @operation(
        "createInboundEndpoint",
        "Create an inbound endpoint; URL and secret are shown once",
        body=EndpointCreateIn,
        created=EndpointSecretOut,
        tag=TAG,
    )
    def post(self, request: Request) -> HttpResponseBase:
        row, token, secret = endpoints.create_endpoint(
            workspace_id=self.workspace_id, values=self.body(EndpointCreateIn), at=self.at
        )
        once = {"url": hook_url(token), "secret": secret}
        return self.shown({**self.out(row), **once}, status=201, location=f"/v1/inbound-endpoints/{row.id}")


class EndpointDetail(EndpointView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getInboundEndpoint", "Read an inbound endpoint", answers=EndpointOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(self.out(feeds.endpoint(self.workspace_id, ref)), volatile=True)

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
        if row.fetch is None:
            del given["fetch"]
        values = checked(EndpointIn, merged(given, request.data))
        if request.data.get("fetch_secret", "") is None:
            values["fetch_secret"] = None  # taken out, where one that is not named stays
        changed = endpoints.change_endpoint(endpoint=row, values=values, expected=expected, at=self.at)
        return self.shown(self.out(changed))

    @operation(
        "archiveInboundEndpoint", "Archive an inbound endpoint; its URL stops", tag=TAG, parameters=[IF_MATCH]
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        endpoints.archive_endpoint(endpoint=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class EndpointSecretRotation(ApiView):
    scopes = {"POST": "kpis:write"}
    shows_secret = True

    @operation(
        "rotateInboundSecret",
        "Set the endpoint's secret, or replace it; the former one verifies for a while",
        body=SecretIn,
        created=SecretOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        expected, values = self.if_match(), self.body(SecretIn)
        overlap = timedelta(seconds=values["overlap_seconds"])
        row, secret = endpoints.rotate_secret(
            endpoint=row, given=values.get("secret"), overlap=overlap, expected=expected, at=self.at
        )
        wake(process_inbound)
        once = {"secret": secret, "previous_secret_expires_at": row.previous_expires_at}
        return self.shown(once, status=201, location=f"/v1/inbound-endpoints/{row.id}")


class EndpointTokenRotation(ApiView):
    scopes = {"POST": "kpis:write"}
    shows_secret = True

    @operation(
        "rotateInboundUrl",
        "Give the endpoint another URL; the former one answers for a while",
        body=OverlapIn,
        created=UrlOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.endpoint(self.workspace_id, ref)
        expected = self.if_match()
        overlap = timedelta(seconds=self.body(OverlapIn)["overlap_seconds"])
        token = endpoints.rotate_token(endpoint=row, overlap=overlap, expected=expected, at=self.at)
        once = {"url": hook_url(token), "previous_url_expires_at": self.at + overlap}
        return self.shown(once, status=201, location=f"/v1/inbound-endpoints/{row.id}")


class EndpointTest(WaitingView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "testInboundEndpoint",
        "Show what the rules would read",
        body=EndpointTestIn,
        answers=PreviewOut,
        tag=TAG,
        responses={(503, MEDIA_TYPE): OpenApiResponse(ProblemOut, NOT_NOW)},
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        with self.transaction():
            row = feeds.endpoint(self.workspace_id, ref)
        body = self.body(EndpointTestIn)["body"]
        return self.shown(endpoints.preview_rules(endpoint=row, body=body, at=self.at))
