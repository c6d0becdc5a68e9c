"""Sources: CRUD, what a pull would read, runs."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from kpis.actions import asking, sources
from kpis.queries import feeds
from kpis.serializers.feed_rows import run_out, source_out
from kpis.serializers.feeds import RunOut, SourceIn, SourceOut, SourcePreviewOut
from kpis.tasks import pull_sources
from service.http import ApiView, WaitingView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.problems import MEDIA_TYPE
from service.serializers import PageQuery, ProblemOut, checked, merged
from service.wake import wake

TAG = "Sources"
# What a patch applies to; the secret is not among it, as it is never shown.
GIVEN = ("key", "attributes", "name", "type", "config", "mappings", "schedule", "enabled", "catch_up")


class SourceList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": PageQuery}

    @operation("listSources", "List sources", answers=SourceOut, many=True, tag=TAG, query=PageQuery)
    def get(self, request: Request) -> HttpResponseBase:
        page = page_of(feeds.sources(self.workspace_id), filters={}, **self.page_params)
        next_runs = feeds.next_runs(self.workspace_id, [row.id for row in page.rows])
        return answer(request, page, lambda row: source_out(row, next_runs.get(row.id), self.at))

    @operation(
        "createSource", "Create a source; it is pulled at once", body=SourceIn, created=SourceOut, tag=TAG
    )
    def post(self, request: Request) -> HttpResponseBase:
        row = sources.create_source(workspace_id=self.workspace_id, values=self.body(SourceIn), at=self.at)
        wake(pull_sources)
        return self.shown(source_out(row, self.at, self.at), status=201, location=f"/v1/sources/{row.id}")


class SourceDetail(ApiView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getSource", "Read a source", answers=SourceOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        next_run = feeds.next_runs(self.workspace_id, [row.id]).get(row.id)
        return self.shown(source_out(row, next_run, self.at), volatile=True)

    @operation(
        "updateSource", "Change a source", body=SourceIn, answers=SourceOut, tag=TAG, parameters=[IF_MATCH]
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        expected = self.if_match()
        given = {name: getattr(row, name) for name in GIVEN}
        if row.key is None:
            del given["key"]
        values = checked(SourceIn, merged(given, request.data))
        if request.data.get("secret", "") is None:
            values["secret"] = None  # taken out, where one that is not named stays
        row = sources.change_source(source=row, values=values, expected=expected, at=self.at)
        wake(pull_sources)
        next_run = feeds.next_runs(self.workspace_id, [row.id]).get(row.id)
        return self.shown(source_out(row, next_run, self.at))

    @operation("archiveSource", "Archive a source; its readings stay", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        sources.archive_source(source=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class SourceTest(WaitingView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "testSource",
        "Fetch once and show what would be read",
        answers=SourcePreviewOut,
        tag=TAG,
        responses={(503, MEDIA_TYPE): OpenApiResponse(ProblemOut, asking.NOT_NOW)},
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        with self.transaction():
            row = feeds.source(self.workspace_id, ref)
        return self.shown(asking.preview_source(source=row, at=self.at))


class SourceRunList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": PageQuery}

    @operation(
        "listSourceRuns", "List the runs of a source", answers=RunOut, many=True, tag=TAG, query=PageQuery
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        return answer(
            request, page_of(feeds.runs_of(row), filters={"of": row.id}, **self.page_params), run_out
        )

    @operation("runSource", "Pull a source now", tag=TAG, responses={202: SourceOut})
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = feeds.source(self.workspace_id, ref)
        sources.run_now(source=row, at=self.at)
        wake(pull_sources)
        return self.shown(
            source_out(row, self.at, self.at), status=202, location=f"/v1/sources/{row.id}/runs"
        )


class SourceCircuitClosureList(ApiView):
    scopes = {"POST": "kpis:write"}

    @operation(
        "closeSourceCircuit",
        "Ask a source that failed again and again as its schedule says, at once",
        tag=TAG,
        responses={202: SourceOut},
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = sources.close_circuit(source=feeds.source(self.workspace_id, ref), at=self.at)
        wake(pull_sources)
        return self.shown(source_out(row, self.at, self.at), status=202, location=f"/v1/sources/{row.id}")
