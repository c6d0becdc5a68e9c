"""Templates."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import actions, queries
from journeys.serializers.templates import (
    TemplateChangeIn,
    TemplateIn,
    TemplateOut,
    TemplateQuery,
    TemplateSummaryOut,
    template_change_in,
    template_in,
    template_out,
    template_summary,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation

TAG = "Templates"


class TemplateList(ApiView):
    scopes = {"GET": "maps:read", "POST": "maps:write"}
    queries = {"GET": TemplateQuery}

    @operation(
        "listTemplates",
        "List templates",
        answers=TemplateSummaryOut,
        many=True,
        tag=TAG,
        query=TemplateQuery,
        description="All of them, in one page: the shipped ones, then the workspace's own. "
        "`POST /v1/journey-maps` with `template` makes a map from one.",
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = {name: self.params.get(name, "") for name in ("sector", "q")}
        found = queries.templates(self.workspace_id, **filters)
        return Response({"results": [template_summary(one) for one in found], "next": None, "previous": None})

    @operation(
        "createTemplate",
        "Save a published map as a template",
        body=TemplateIn,
        created=TemplateOut,
        tag=TAG,
        description="It shows the version that it was saved from, whatever becomes of the map.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        values, ref, number = template_in(request.data)
        source = queries.open_map(self.workspace_id, ref)
        version = queries.version_of(source, str(number or queries.LATEST))
        row = actions.create_template(version=version, values=values, at=self.at)
        shown = template_out(queries.template(self.workspace_id, str(row.id)))
        return self.shown(shown, status=201, location=f"/v1/templates/{row.id}")


class TemplateDetail(ApiView):
    scopes = {"GET": "maps:read", "PATCH": "maps:write", "DELETE": "maps:write"}

    @operation("getTemplate", "Read a template with its document", answers=TemplateOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        return self.shown(template_out(queries.template(self.workspace_id, ref)))

    @operation(
        "updateTemplate",
        "Change what is said of a template",
        body=TemplateChangeIn,
        answers=TemplateOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="Shipped ones are as they are: 409 `not_editable`.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        found = queries.template(self.workspace_id, ref)
        expected = self.if_match()
        values = template_change_in(found, request.data)
        row = actions.change_template(
            workspace_id=self.workspace_id, ref=ref, values=values, expected=expected, at=self.at
        )
        return self.shown(template_out(queries.template(self.workspace_id, str(row.id))))

    @operation("archiveTemplate", "Archive a template", tag=TAG, parameters=[IF_MATCH])
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        queries.template(self.workspace_id, ref)
        expected = self.if_match()
        actions.archive_template(workspace_id=self.workspace_id, ref=ref, expected=expected, at=self.at)
        return HttpResponse(status=204)
