"""A restored version is published as any other: no KPI is lost silently."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from journeys.actions import restore_version
from journeys.serializers.restorations import RestorationIn
from journeys.serializers.versions import PublishQuery, published_out
from journeys.views.restorations import RestorationList as MapRestorationList
from journeys.views.versions import TAG
from kpis.actions.publishing import publish_with_bindings
from kpis.serializers.publishing import RestorationWithBindingsIn, RestorationWithBindingsOut, bindings_told
from service.openapi import IF_MATCH, operation
from service.serializers import In


class RestorationList(MapRestorationList):
    def body(self, serializer: type[In]) -> dict[str, Any]:
        return super().body(RestorationWithBindingsIn if serializer is RestorationIn else serializer)

    @operation(
        "restoreVersion",
        "Restore a version",
        body=RestorationWithBindingsIn,
        created=RestorationWithBindingsOut,
        tag=TAG,
        query=PublishQuery,
        parameters=[IF_MATCH],
        responses={
            200: OpenApiResponse(
                RestorationWithBindingsOut, "What a restoration would do; nothing was stored."
            )
        },
        description="If-Match names the draft, which it replaces. As a version it is published at once, with "
        "the personas that it had; 409 `nothing_to_publish` where it is what was published last.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        return super().post(request, ref)

    def draft(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> None:
        wanted.pop("on_orphan", None)
        super().draft(row, wanted, dry_run=dry_run)

    def publish(self, row: Any, wanted: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        on_orphan = wanted.pop("on_orphan", None)
        restored, told = publish_with_bindings(
            journey_map=row,
            publish=partial(restore_version, journey_map=row, caller=self.caller, at=self.at, **wanted),
            on_orphan=on_orphan,
            redrawn=True,
            refuse=not dry_run,
            at=self.at,
        )
        return {**published_out(restored, dry_run=dry_run), "bindings": bindings_told(told)}
