"""Versions of a map that carries KPIs: as journeys publishes them, but no KPI is lost silently."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys.actions import publish_draft
from journeys.serializers.versions import PublishIn, PublishQuery, published_out
from journeys.views.versions import TAG
from journeys.views.versions import VersionList as MapVersionList
from kpis.actions.publishing import publish_with_bindings
from kpis.serializers.publishing import PublishedWithBindingsOut, PublishWithBindingsIn, bindings_told
from service.openapi import IF_MATCH, operation
from service.serializers import In


class VersionList(MapVersionList):
    def body(self, serializer: type[In]) -> dict[str, Any]:
        return super().body(PublishWithBindingsIn if serializer is PublishIn else serializer)

    @operation(
        "publishVersion",
        "Publish the draft as the next version",
        body=PublishWithBindingsIn,
        created=PublishedWithBindingsOut,
        tag=TAG,
        query=PublishQuery,
        parameters=[IF_MATCH],
        responses={
            200: OpenApiResponse(PublishedWithBindingsOut, "What a publish would do; nothing was stored.")
        },
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        return super().post(request, ref)

    def publish(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        on_orphan = wanted.pop("on_orphan", None)
        published, told = publish_with_bindings(
            journey_map=row,
            publish=partial(publish_draft, journey_map=row, caller=self.caller, at=self.at, **wanted),
            on_orphan=on_orphan,
            refuse=not dry_run,
            at=self.at,
        )
        return {**published_out(published, dry_run=dry_run), "bindings": bindings_told(told)}
