"""The timeline of a map: its moments, oldest first."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.queries.live import head_of
from kpis.queries.timeline import first_published, moments
from kpis.serializers.clocks import clocks_of
from kpis.serializers.timeline import TimelineMomentOut, TimelineQuery, live_then, moment_out
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer, page_of_rows

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)


class Timeline(ApiView):
    scopes = {"GET": "maps:read"}
    queries = {"GET": TimelineQuery}

    @operation(
        "getTimeline",
        "Tell the life of a map: versions, bindings, findings, sources, improvements, restated figures",
        answers=TimelineMomentOut,
        many=True,
        tag="Live map",
        query=TimelineQuery,
        description="Moments up to now or to `as_of`, oldest first, each with the address of the live map as "
        "of then. What is planned is no moment yet. An archived map is there by its id.",
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        head, clocks = head_of(self.workspace_id, ref), clocks_of(self.params, at=self.at)
        known_at = None if clocks is None else clocks.known_at
        kind = self.params.get("kind")
        load = partial(
            moments,
            self.workspace_id,
            head.id,
            since=self.params.get("since", _BEGINNING),
            until=self.at if clocks is None else clocks.as_of,
            known_at=known_at or self.at,
            kinds=None if kind is None else [kind],
        )
        names = ("since", "kind", "as_of", "known_at")
        filters = {"of": head.id, **{name: self.params.get(name) for name in names}}
        page = page_of_rows(load, filters=filters, **self.page_params)
        seen = {"since": first_published(self.workspace_id, head.id), "until": head.archived_at}
        return answer(
            request, page, lambda row: moment_out(row, live_then(head.id, row.created_at, known_at, seen))
        )
