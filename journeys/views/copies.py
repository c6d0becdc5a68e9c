"""Maps copied: a future state to work on beside the current one, or a start for another audience."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.copies import CopyIn
from journeys.serializers.maps import JourneyMapOut, journey_map_out
from journeys.views.maps import TAG
from service.http import ApiView
from service.openapi import operation


class CopyList(ApiView):
    scopes = {"POST": "maps:write"}

    @operation(
        "copyJourneyMap",
        "Copy a map",
        body=CopyIn,
        created=JourneyMapOut,
        tag=TAG,
        description="The copy starts with a draft. Its elements are new ones that remember what they are "
        "copies of, so that the two can be compared and merged. Figures stay with the original.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        queries.hold_off_erasure(self.workspace_id)
        row = queries.open_map(self.workspace_id, ref)
        wanted = self.body(CopyIn)
        source = queries.chosen_moment(row, wanted.pop("from", None), at=self.at, pointer="/from")
        copied = self.copied(source, wanted)
        return self.shown(journey_map_out(copied), status=201, location=f"/v1/journey-maps/{copied.id}")

    def copied(self, source: queries.Moment, wanted: dict[str, Any]) -> Any:
        return actions.copy_map(source=source, at=self.at, **wanted)
