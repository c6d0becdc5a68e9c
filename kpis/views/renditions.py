"""PNG and PDF of the live map: drawn with the figures of the moment, then a rendition like any other."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries
from journeys.serializers.renditions import RenditionOut
from journeys.views.renditions import RenditionView
from kpis.queries.live import head_of
from kpis.queries.live_asked import refuse_archived
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.live import asked_of
from kpis.serializers.renditions import LiveRenditionIn, live_drawing
from service.openapi import operation


class LiveRenditionList(RenditionView):
    scopes = {"POST": "maps:read"}

    @operation(
        "renderLiveMap",
        "Ask for a PNG or PDF of the live map",
        body=LiveRenditionIn,
        tag="Live map",
        responses={202: RenditionOut, **BEYOND_RETENTION},
        description="Shows what `GET …/live` shows for the same members, as it is now: later figures are "
        "in the next one. Poll `Location` until `state` is ready.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        head = head_of(self.workspace_id, ref)
        wanted = self.body(LiveRenditionIn)
        asked = asked_of(wanted, self.at)
        refuse_archived(head, asked)
        row = queries.open_map(self.workspace_id, ref)
        return self.rendered(row, live_drawing(self.workspace_id, head, asked), wanted)
