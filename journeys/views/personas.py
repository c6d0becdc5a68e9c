"""The library of personas."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.personas import (
    Persona,
    PersonaPage,
    PersonaQuery,
    persona_change_in,
    persona_in,
    persona_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of

TAG = "Personas"


class PersonaList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": PersonaQuery}

    @operation("listPersonas", "List personas", answers=PersonaPage, tag=TAG, query=PersonaQuery)
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name, "") for name in ("key", "q")}
        rows = queries.personas(self.workspace_id, **filters)
        return answer(request, page_of(rows, filters=filters, **self.page_params), persona_out)

    @operation("createPersona", "Add a persona to the library", body=Persona, created=Persona, tag=TAG)
    def post(self, request: Request) -> HttpResponseBase:
        entry = persona_in(request.data)
        row = actions.create_persona(workspace_id=self.workspace_id, entry=entry, at=self.at)
        return self.shown(persona_out(row), status=201, location=f"/v1/personas/{row.id}")


class PersonaDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getPersona", "Read a persona", answers=Persona, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(persona_out(queries.open_persona(self.workspace_id, ref)))

    @operation(
        "updatePersona",
        "Change a persona",
        body=Persona,
        answers=Persona,
        tag=TAG,
        parameters=[IF_MATCH],
        description="Versions keep the snapshot that they were published with.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_persona(self.workspace_id, ref)
        expected = self.if_match()
        entry = persona_change_in(row, request.data)
        changed = actions.change_persona(persona=row, entry=entry, expected=expected, at=self.at)
        return self.shown(persona_out(changed))

    @operation(
        "archivePersona",
        "Archive a persona",
        tag=TAG,
        parameters=[IF_MATCH],
        description="409 `in_use` while a draft refers to it.",
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_persona(self.workspace_id, ref)
        actions.archive_persona(persona=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
