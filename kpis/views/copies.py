"""Maps copied, where asked with the KPIs that are bound to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys.queries import Moment
from journeys.serializers.copies import CopyIn
from journeys.serializers.maps import JourneyMapOut
from journeys.views.copies import CopyList as MapCopyList
from journeys.views.maps import TAG
from kpis.actions.copies import copy_with_bindings
from kpis.serializers.copies import CopyWithBindingsIn
from service.openapi import operation
from service.serializers import In


class CopyList(MapCopyList):
    def body(self, serializer: type[In]) -> dict[str, Any]:
        return super().body(CopyWithBindingsIn if serializer is CopyIn else serializer)

    @operation(
        "copyJourneyMap",
        "Copy a map",
        body=CopyWithBindingsIn,
        created=JourneyMapOut,
        tag=TAG,
        description="The copy starts with a draft. Its elements are new ones that remember what they are "
        "copies of, so that the two can be compared and merged. Readings are of KPIs, not of maps: with "
        "`with_bindings` the copy shows the figures of the original, judged by the same thresholds; that "
        "takes the scope kpis:write, too.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        return super().post(request, ref)

    def copied(self, source: Moment, wanted: dict[str, Any]) -> Any:
        if not wanted.pop("with_bindings"):
            return super().copied(source, wanted)
        self.caller.check_holds(["kpis:write"])
        return copy_with_bindings(source=source, at=self.at, **wanted)
