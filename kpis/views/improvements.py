"""Improvements: dated changes to the real journey, and what the figures did around them."""

from __future__ import annotations

import re
import uuid

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from journeys import queries as journeys
from kpis.actions import improvements as actions
from kpis.queries import definitions, improvements
from kpis.queries.effects import effects
from kpis.queries.horizon import BEYOND
from kpis.serializers.effects import EffectOut, EffectQuery, effect_out, question_of
from kpis.serializers.improvements import (
    ImprovementIn,
    ImprovementOut,
    ImprovementQuery,
    improvement_given,
    improvement_out,
)
from service.errors import Issue, ValidationProblem
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut, checked, merged

TAG = "Improvements"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class ImprovementList(ApiView):
    scopes = {"GET": "kpis:read", "POST": "kpis:write"}
    queries = {"GET": ImprovementQuery}

    @operation(
        "listImprovements",
        "List improvements: of all maps, of one, at an element, aimed at a KPI",
        answers=ImprovementOut,
        many=True,
        tag=TAG,
        query=ImprovementQuery,
    )
    def get(self, request: Request) -> HttpResponseBase:
        rows, asked = improvements.improvements(self.workspace_id), self.params
        journey_map = None
        if ref := asked.get("journey_map"):
            journey_map = journeys.open_map(self.workspace_id, ref)
            rows = rows.filter(journey_map=journey_map)
        if ref := asked.get("element"):
            if journey_map is not None:
                rows = rows.filter(elements__contains=[journeys.element(journey_map, ref).pk])
            elif _UUID.fullmatch(ref):
                rows = rows.filter(elements__contains=[uuid.UUID(ref)])
            else:
                detail = "The key of an element is its map's: name the map as well, or the element by its id."
                raise ValidationProblem([Issue("/element", "ambiguous", detail)])
        if ref := asked.get("kpi"):
            rows = improvements.aimed_at(rows, definitions.kpi(self.workspace_id, ref).pk)
        if word := asked.get("status"):
            rows = rows.filter(improvements.status_filter(word, self.at))
        filters = {name: asked.get(name) for name in ("journey_map", "element", "kpi", "status")}
        page = page_of(rows, filters=filters, **self.page_params)
        return answer(request, page, lambda row: improvement_out(row, self.at))

    @operation(
        "createImprovement",
        "Write down what was changed in the real journey, or is going to be",
        body=ImprovementIn,
        created=ImprovementOut,
        tag=TAG,
        description="It is marked on the charts of its KPIs and elements, and told as improvement.created.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        values = self.body(ImprovementIn)
        row = actions.create_improvement(workspace_id=self.workspace_id, values=values, at=self.at)
        return self.shown(improvement_out(row, self.at), status=201, location=f"/v1/improvements/{row.pk}")


class ImprovementDetail(ApiView):
    scopes = {"GET": "kpis:read", "PATCH": "kpis:write", "DELETE": "kpis:write"}

    @operation("getImprovement", "Read an improvement", answers=ImprovementOut, tag=TAG)
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = improvements.improvement(self.workspace_id, ref)
        return self.shown(improvement_out(row, self.at), volatile=True)

    @operation(
        "updateImprovement",
        "Change an improvement: move it, say that it was taken back",
        body=ImprovementIn,
        answers=ImprovementOut,
        tag=TAG,
        parameters=[IF_MATCH],
        description="What it said before is what known-at reads before now go on to show.",
    )
    def patch(self, request: Request, ref: str) -> HttpResponseBase:
        row = improvements.improvement(self.workspace_id, ref)
        expected = self.if_match()
        values = checked(ImprovementIn, merged(improvement_given(row), request.data))
        row = actions.change_improvement(improvement=row, values=values, expected=expected, at=self.at)
        return self.shown(improvement_out(row, self.at))

    @operation(
        "archiveImprovement", "Archive an improvement: it is marked no more", tag=TAG, parameters=[IF_MATCH]
    )
    def delete(self, request: Request, ref: str) -> HttpResponseBase:
        row = improvements.improvement(self.workspace_id, ref)
        actions.archive_improvement(improvement=row, expected=self.if_match(), at=self.at)
        return HttpResponse(status=204)


class ImprovementEffect(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": EffectQuery}

    @operation(
        "getImprovementEffect",
        "Read what the figures did around an improvement: before and after, not proof of cause",
        answers=EffectOut,
        tag=TAG,
        query=EffectQuery,
        description=(
            "Of each KPI that it aims at, or that is bound at its elements: whole, settled periods on both "
            "sides, each figure from its summed parts, their difference with an interval, and whether that "
            "is more than noise."
        ),
        responses={(410, MEDIA_TYPE): OpenApiResponse(ProblemOut, BEYOND)},
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        question = question_of(self.params, at=self.at)
        improvement = improvements.improvement_known(self.workspace_id, ref, question.known_at)
        found, left_out = effects(self.workspace_id, improvement, question)
        return Response(effect_out(improvement, found, left_out, question))
