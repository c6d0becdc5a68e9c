"""Bindings: of one map, and across maps."""

from __future__ import annotations

import uuid

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions import bindings as actions
from kpis.queries import bindings, definitions
from kpis.serializers.bindings import (
    BindingIn,
    BindingOut,
    BindingQuery,
    MapBindingQuery,
    binding_in,
    binding_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import Page, answer, page_of
from service.serializers import checked, merged

TAG = "Bindings"


class BindingView(ApiView):
    """What the views of bindings share: a page, or one of them, with how it stands."""

    def _answer(self, request: Request, page: Page) -> HttpResponseBase:
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
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        journey_map = journeys.open_map(self.workspace_id, ref)
        rows = bindings.bindings_of_map(self.workspace_id, journey_map.id)
        if at := self.params.get("element"):
            rows = rows.filter(element_id=journeys.element(journey_map, at).id)
        filters = {"map": journey_map.id, "element": self.params.get("element")}
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
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows = bindings.bindings(self.workspace_id)
        if of := self.params.get("kpi"):
            rows = rows.filter(kpi_id=definitions.kpi(self.workspace_id, of).id)
        return self._answer(request, page_of(rows, filters={"kpi": of}, **self.page_params))


class BindingDetail(BindingView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getBinding", "Read a binding", answers=BindingOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self._shown(bindings.binding(self.workspace_id, ref).id)

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
