"""The peers' views, behind our middleware, our credential check and our transaction."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from bench.peers.models import PeerKpi, PeerMap, PeerReading, PeerStage, PeerTouchpoint
from bench.peers.serializers import MapSerializer, ReadingIn
from service.http import ApiView


class Constant(ApiView):
    """Bytes that are there already: what the frame alone costs."""

    scopes: ClassVar = {"GET": "maps:read"}
    content = b""

    def get(self, request: Request) -> HttpResponseBase:
        return HttpResponse(self.content, content_type="application/json")


class NestedLive(ApiView):
    """Map → stages → touchpoints → KPIs → the last 30 readings, a query per level."""

    scopes: ClassVar = {"GET": "maps:read"}

    def get(self, request: Request, map_id: int) -> HttpResponseBase:
        readings = Prefetch("readings", PeerReading.objects.order_by("-end_at")[:30], to_attr="latest")
        kpis = Prefetch("kpis", PeerKpi.objects.order_by("id").prefetch_related(readings))
        touchpoints = Prefetch("touchpoints", PeerTouchpoint.objects.order_by("place").prefetch_related(kpis))
        stages = Prefetch("stages", PeerStage.objects.order_by("place").prefetch_related(touchpoints))
        found = PeerMap.objects.prefetch_related(stages).get(pk=map_id)
        return Response(MapSerializer(found).data)


class BulkReadings(ApiView):
    """`ListSerializer` and `bulk_create` in one statement: the usual way to take a batch."""

    scopes: ClassVar = {"POST": "readings:write"}

    def post(self, request: Request) -> HttpResponseBase:
        data: Any = request.data
        serializer = ReadingIn(data=data["items"], many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"created": len(data["items"])}, status=201)
