"""Redactions and purges: made, listed, read. They are never taken back."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import actions, queries
from journeys.serializers.erasures import (
    PurgeIn,
    PurgeOut,
    RedactionIn,
    RedactionOut,
    purge_out,
    redaction_out,
)
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer, page_of
from service.serializers import PageQuery

TAG = "Erasure"


class RedactionList(ApiView):
    scopes = {"GET": "maps:erase", "POST": "maps:erase"}
    queries = {"GET": PageQuery}

    @operation(
        "listRedactions",
        "List what was redacted, oldest first",
        answers=RedactionOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows = queries.redactions(self.workspace_id)
        return answer(request, page_of(rows, filters={}, **self.page_params), redaction_out)

    @operation(
        "redactItem",
        "Redact an item in every version",
        body=RedactionIn,
        created=RedactionOut,
        tag=TAG,
        description="A tombstone takes its place in all versions, drafts and templates of the workspace that "
        "hold it, copies of the map among them; a persona's in the library too. Digests and ETags of what "
        "changed are new. Events that quote it lose their texts, messages of versions and merges and "
        "comments of reviews that do become `[redacted]`, pictures of the maps are thrown away, "
        "repeats of earlier POSTs are told 410 `answer_erased`. Other processes forget what they keep within "
        "ten minutes. It cannot be taken back.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        wanted = self.body(RedactionIn)
        row = queries.journey_map(self.workspace_id, wanted["journey_map"])
        done = actions.redact_item(
            journey_map=row, item=wanted["item"], reason=wanted["reason"], caller=self.caller, at=self.at
        )
        return self.shown(redaction_out(done), status=201, location=f"/v1/redactions/{done.id}")


class RedactionDetail(ApiView):
    scopes = {"GET": "maps:erase"}

    @operation("getRedaction", "Read a redaction", answers=RedactionOut, tag=TAG)
    def get(self, request: Request, redaction_id: uuid.UUID) -> HttpResponseBase:
        return self.shown(redaction_out(queries.redaction(self.workspace_id, redaction_id)))


class MapPurgeList(ApiView):
    scopes = {"POST": "maps:erase"}

    @operation(
        "purgeJourneyMap",
        "Purge a map",
        body=PurgeIn,
        created=PurgeOut,
        tag=TAG,
        description="The map goes with its versions, draft, elements, bindings and their history, views and "
        "the links to them, reviews, labels, pictures and templates; an archived map by its id. Readings "
        "stay: they are the KPIs'. Its events keep ids and numbers only, repeats of earlier POSTs are told "
        "410 `answer_erased`. It cannot be taken back.",
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = queries.journey_map(self.workspace_id, ref)
        done = actions.purge_map(journey_map=row, caller=self.caller, at=self.at, **self.body(PurgeIn))
        return self.shown(purge_out(done), status=201, location=f"/v1/purges/{done.id}")


class PurgeList(ApiView):
    scopes = {"GET": "maps:erase"}
    queries = {"GET": PageQuery}

    @operation(
        "listPurges",
        "List what was purged, oldest first",
        answers=PurgeOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows = queries.purges(self.workspace_id)
        return answer(request, page_of(rows, filters={}, **self.page_params), purge_out)


class PurgeDetail(ApiView):
    scopes = {"GET": "maps:erase"}

    @operation("getPurge", "Read a purge", answers=PurgeOut, tag=TAG)
    def get(self, request: Request, purge_id: uuid.UUID) -> HttpResponseBase:
        return self.shown(purge_out(queries.purge(self.workspace_id, purge_id)))
