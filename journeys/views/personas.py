"""The library of personas."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.document.patch import apply_merge_patch
from journeys.document.personas import PersonaEntry
from journeys.serializers.maps import persona_given, persona_in, persona_out
from journeys.serializers.personas import PersonaOut
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery

TAG = "Personas"


class PersonaList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": PageQuery}

    @operation("listPersonas", "List personas", answers=PersonaOut, many=True, tag=TAG, query=PageQuery)
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(queries.personas(self.workspace_id), filters={}, **self.page_params)
        return answer(request, page, persona_out)

    @operation(
        "createPersona", "Add a persona to the library", body=PersonaEntry, created=PersonaOut, tag=TAG
    )
    def post(self, request: Request) -> HttpResponseBase:
        entry = persona_in(request.data)
        row = actions.create_persona(workspace_id=self.workspace_id, entry=entry, at=self.at)
        return self.shown(persona_out(row), status=201, location=f"/v1/personas/{row.id}")


class PersonaDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getPersona", "Read a persona", answers=PersonaOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(persona_out(queries.persona(self.workspace_id, ref)))

    @operation(
        "updatePersona",
        "Change a persona; versions keep their snapshots",
        body=PersonaEntry,
        answers=PersonaOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_persona(self.workspace_id, ref)
        expected = self.if_match()
        entry = persona_in(apply_merge_patch(persona_given(row), request.data))
        changed = actions.change_persona(persona=row, entry=entry, expected=expected, at=self.at)
        return self.shown(persona_out(changed))

    @operation("archivePersona", "Archive a persona that no draft refers to", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.open_persona(self.workspace_id, ref)
        actions.archive_persona(persona=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)
