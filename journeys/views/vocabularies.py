"""Vocabularies."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import actions, queries
from journeys.serializers.vocabularies import (
    Vocabulary,
    VocabularyPage,
    VocabularyQuery,
    vocabulary_change_in,
    vocabulary_in,
    vocabulary_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation

TAG = "Vocabularies"
_KEPT = "Versions keep the words that they were published with."


class VocabularyList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": VocabularyQuery}

    @operation(
        "listVocabularies",
        "List vocabularies",
        answers=VocabularyPage,
        tag=TAG,
        query=VocabularyQuery,
        description="All of them, in one page: the shipped ones, as the workspace has changed them, then its "
        "own. Of scales of emotion, evidence, lanes and review cadences the shipped words hold as they are.",
    )
    def get(self, request: Request) -> HttpResponseBase:
        found = queries.vocabularies(self.workspace_id, kind=self.params.get("kind", ""))
        return Response({"results": [vocabulary_out(one) for one in found], "next": None, "previous": None})

    @operation(
        "createVocabulary",
        "Add a vocabulary of stages",
        body=Vocabulary,
        created=Vocabulary,
        tag=TAG,
        description="Of any other kind there is one already: change that.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        entry, attributes = vocabulary_in(request.data)
        made = actions.create_vocabulary(
            workspace_id=self.workspace_id, entry=entry, attributes=attributes, at=self.at
        )
        return self.shown(vocabulary_out(made), status=201, location=f"/v1/vocabularies/{entry.key}")


class VocabularyDetail(ApiView):
    scopes = {"GET": "maps:read", "PUT": "maps:write", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getVocabulary", "Read a vocabulary", answers=Vocabulary, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(vocabulary_out(queries.vocabulary(self.workspace_id, ref)))

    @operation(
        "replaceVocabulary",
        "Replace a vocabulary",
        body=Vocabulary,
        answers=Vocabulary,
        tag=TAG,
        parameters=[IF_MATCH],
        description=f"A shipped one is overridden for the workspace. {_KEPT}",
    )
    def put(self, request: Request, ref: str) -> HttpResponseBase:
        queries.vocabulary(self.workspace_id, ref)
        expected = self.if_match()
        entry, attributes = vocabulary_in(request.data)
        written = actions.write_vocabulary(
            workspace_id=self.workspace_id,
            ref=ref,
            entry=entry,
            attributes=attributes,
            expected=expected,
            at=self.at,
        )
        return self.shown(vocabulary_out(written))

    @operation(
        "updateVocabulary",
        "Change a vocabulary",
        body=Vocabulary,
        answers=Vocabulary,
        tag=TAG,
        parameters=[IF_MATCH],
        description=f"`words` is replaced whole. A shipped one is overridden for the workspace. {_KEPT}",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        now = queries.vocabulary(self.workspace_id, ref)
        expected = self.if_match()
        entry, attributes = vocabulary_change_in(now, request.data)
        written = actions.write_vocabulary(
            workspace_id=self.workspace_id,
            ref=ref,
            entry=entry,
            attributes=attributes,
            expected=expected,
            at=self.at,
        )
        return self.shown(vocabulary_out(written))

    @operation(
        "archiveVocabulary",
        "Take the workspace's vocabulary away",
        tag=TAG,
        parameters=[IF_MATCH],
        description="The shipped one of its key holds again; one that nobody changed is 409 `not_editable`.",
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        queries.vocabulary(self.workspace_id, ref)
        expected = self.if_match()
        actions.archive_vocabulary(workspace_id=self.workspace_id, ref=ref, expected=expected, at=self.at)
        return HttpResponse(status=204)
