"""KPIs and the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.actions import definitions as actions
from kpis.queries import definitions
from kpis.serializers.kpis import KpiIn, KpiQuery
from kpis.serializers.kpis_answer import KpiOut, kpi_out, shown_kpi
from kpis.serializers.kpis_kinds import KindOut, KindQuery, kind_out, kinds_of
from kpis.serializers.kpis_meaning import given_by, meaning, own_fields, with_nulls
from kpis.series.kinds import KINDS
from service.errors import NotFound
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import Page, answer, page_of
from service.serializers import checked, merged
from service.workspaces import workspace_of

TAG = "Kpis"


class KpiList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": KpiQuery}

    @operation("listKpis", "List KPIs", answers=KpiOut, many=True, tag=TAG, query=KpiQuery)
    def get(self, request: Request) -> HttpResponseBase:
        rows = definitions.kpis(self.workspace_id)
        if kind := self.params.get("kind"):
            rows = rows.filter(id__in=definitions.of_kind(self.workspace_id, kind))
        page = page_of(rows, filters={"kind": kind}, **self.page_params)
        current = definitions.revisions(page.rows)
        inputs = {one for row in current.values() for one in row.inputs}
        names = definitions.keys_of(self.workspace_id, inputs)
        return answer(request, page, lambda row: dict(kpi_out(row, current[row.id], names)))

    @operation("createKpi", "Define a KPI", body=KpiIn, created=KpiOut, tag=TAG)
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(KpiIn)
        zone = workspace_of(self.workspace_id).zone
        meant, rules = meaning(values, workspace_id=self.workspace_id, zone=zone)
        row = actions.create_kpi(
            workspace_id=self.workspace_id, fields=own_fields(values), meant=meant, rules=rules, at=self.at
        )
        return self.shown(shown_kpi(row), status=201, location=f"/v1/kpis/{row.id}")


class KpiDetail(ApiView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getKpi", "Read a KPI", answers=KpiOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.open_kpi(self.workspace_id, ref)
        return self.shown(shown_kpi(row))

    @operation(
        "updateKpi",
        "Change a KPI; another definition opens a revision",
        body=KpiIn,
        answers=KpiOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.open_kpi(self.workspace_id, ref)
        expected = self.if_match()
        row = actions.hold_kpi(row)
        current, patch = definitions.revision(row), request.data
        given = given_by(row, current, patch if isinstance(patch, Mapping) else {})
        values = checked(KpiIn, with_nulls(merged(given, patch), patch))
        meant, rules = meaning(values, workspace_id=self.workspace_id, zone=current.definition["zone"])
        changed = actions.change_kpi(
            row=row, fields=own_fields(values), meant=meant, rules=rules, expected=expected, at=self.at
        )
        return self.shown(shown_kpi(changed))

    @operation("archiveKpi", "Archive a KPI that is bound nowhere", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.open_kpi(self.workspace_id, ref)
        actions.archive_kpi(row=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class KindList(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": KindQuery}

    @operation(
        "listKpiKinds",
        "List the kinds of KPI with their methods",
        answers=KindOut,
        many=True,
        tag=TAG,
        query=KindQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        page = Page(kinds_of(self.params), None, None)
        return answer(request, page, lambda kind: dict(kind_out(kind)))


class KindDetail(ApiView):
    scopes = {"GET": "kpis:read"}

    @operation("getKpiKind", "Read a kind of KPI with its methods", answers=KindOut, tag=TAG)
    def get(self, request: Request, key: str) -> HttpResponseBase:
        if (kind := KINDS.get(key)) is None:
            raise NotFound(f"There is no kind {key[:64]!r}.")
        return Response(kind_out(kind))
