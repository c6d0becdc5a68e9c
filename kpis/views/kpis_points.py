"""What was measured of a KPI: its label sets, and its points."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.queries import definitions, points_kpi, readings
from kpis.queries.horizon import refuse_beyond
from kpis.serializers.clocks import BEYOND_RETENTION, clocks_of
from kpis.serializers.kpis_points import PointQuery, check_question, question_of
from kpis.serializers.kpis_points_answer import PointsOut, points_out
from kpis.serializers.kpis_series import SeriesOut, SeriesQuery, page_of_series, series_out
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer
from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut

TAG = "Kpis"
UNFIT = "What the KPI is does not allow the question; `code` and `errors` say which part and why."


class KpiSeries(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": SeriesQuery}

    @operation(
        "listKpiSeries",
        "List the label sets of a KPI",
        answers=SeriesOut,
        many=True,
        tag=TAG,
        query=SeriesQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.kpi(self.workspace_id, ref)
        clocks = clocks_of(self.params, at=self.at)
        refuse_beyond(self.workspace_id, self.params.get("as_of"), self.params.get("known_at"))
        page = page_of_series(readings.label_sets(row, clocks), self.params)
        return answer(request, page, lambda one: dict(series_out(one, clocks)))


class KpiPoints(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": PointQuery}

    @operation(
        "getKpiPoints",
        "Read the points of a KPI",
        description=(
            "Oldest first: the last ones, or those of a range. A period between two points of which nobody "
            "spoke has a point without a value, as one has of which somebody said that there is no figure."
        ),
        answers=PointsOut,
        tag=TAG,
        query=PointQuery,
        responses={
            (409, MEDIA_TYPE): OpenApiResponse(ProblemOut, UNFIT),
            **BEYOND_RETENTION,
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.kpi(self.workspace_id, ref)
        question = question_of(self.params, at=self.at)
        meant = points_kpi.meaning_then(row, question)
        check_question(question, row, meant)
        refuse_beyond(self.workspace_id, self.params.get("as_of"), question.known_at, self.params.get("to"))
        course = points_kpi.course_of(row, meant, question)
        return Response(dict(points_out(row, course, meant[row.id].definition, question)))
