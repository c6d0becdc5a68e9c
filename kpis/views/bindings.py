"""Bindings: of one map, and across maps."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions import bindings as actions
from kpis.queries import bindings, bindings_past, definitions
from kpis.queries.points_plan import Clocks, known_by
from kpis.serializers.bindings import (
    BindingIn,
    BindingOut,
    BindingPastQuery,
    BindingQuery,
    MapBindingQuery,
    binding_in,
    binding_out,
    binding_then,
)
from kpis.serializers.clocks import BEYOND_RETENTION, clocks_of
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import Page, answer, page_of
from service.resources import by_ref
from service.serializers import checked, merged

TAG = "Bindings"


class BindingView(ApiView):
    """What the views of bindings share: a page, or one of them, with how it stands or stood."""

    @property
    def _clocks(self) -> Clocks | None:
        return clocks_of(self.params, at=self.at)

    def _rows(self) -> bindings_past.Rows:
        return bindings_past.bindings_at(self.workspace_id, self._clocks)

    @property
    def _filters(self) -> dict[str, object]:
        return {name: self.params.get(name) for name in ("as_of", "known_at")}

    def _answer(self, request: Request, page: Page) -> HttpResponseBase:
        if (clocks := self._clocks) is not None:
            stood = bindings_past.stood(self.workspace_id, page.rows, clocks)
            return answer(request, page, lambda row: dict(binding_then(row, stood[row.id])))
        states = bindings.states_of(self.workspace_id, [row.id for row in page.rows])
        return answer(request, page, lambda row: dict(binding_out(row, states.get(row.id))))

    def _shown(self, row_id: uuid.UUID, *, status: int = 200) -> HttpResponseBase:
        row = bindings.binding(self.workspace_id, str(row_id))
        state = bindings.states_of(self.workspace_id, [row.id]).get(row.id)
        location = f"/v1/bindings/{row.id}" if status == 201 else None
        return self.shown(dict(binding_out(row, state)), status=status, location=location)


class MapBindingList(BindingView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": MapBindingQuery}

    @operation(
        "listMapBindings",
        "List the bindings of a map",
        answers=BindingOut,
        many=True,
        tag=TAG,
        query=MapBindingQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = journeys.open_map(self.workspace_id, ref, known_by(self._clocks))
        rows = self._rows().filter(journey_map_id=journey_map.id)
        if at := self.params.get("element"):
            rows = bindings_past.at_element(rows, journeys.element(journey_map, at).id, self._clocks)
        filters = {"map": journey_map.id, "element": self.params.get("element"), **self._filters}
        return self._answer(request, page_of(rows, filters=filters, **self.page_params))

    @operation(
        "createBinding",
        "Bind a KPI to the map, or to a stage or touchpoint of it",
        body=BindingIn,
        created=BindingOut,
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = journeys.open_map(self.workspace_id, ref)
        row = actions.bind_kpi(journey_map=journey_map, values=self.body(BindingIn), at=self.at)
        return self._shown(row.id, status=201)


class BindingList(BindingView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": BindingQuery}

    @operation(
        "listBindings",
        "List bindings across maps",
        answers=BindingOut,
        many=True,
        tag=TAG,
        query=BindingQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows = self._rows()
        if of := self.params.get("kpi"):
            rows = rows.filter(kpi_id=definitions.kpi(self.workspace_id, of).id)
        return self._answer(request, page_of(rows, filters={"kpi": of, **self._filters}, **self.page_params))


class BindingDetail(BindingView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    queries = {"GET": BindingPastQuery}

    @operation(
        "getBinding",
        "Read a binding, as it stands or stood",
        answers=BindingOut,
        tag=TAG,
        query=BindingPastQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        clocks = self._clocks
        if clocks is None:
            return self._shown(bindings.binding(self.workspace_id, ref).id)
        row = by_ref(self._rows(), ref)
        [stood] = bindings_past.stood(self.workspace_id, [row], clocks).values()
        return self.shown(dict(binding_then(row, stood)), volatile=True)

    @operation(
        "updateBinding",
        "Change a binding, from now or from an earlier instant on",
        body=BindingIn,
        answers=BindingOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = bindings.binding(self.workspace_id, ref)
        expected = self.if_match()
        values = checked(BindingIn, merged(binding_in(row), request.data))
        changed = actions.change_binding(binding=row, values=values, expected=expected, at=self.at)
        return self._shown(changed.id)

    @operation("archiveBinding", "Show the binding no more", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = bindings.binding(self.workspace_id, ref)
        actions.archive_binding(binding=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
