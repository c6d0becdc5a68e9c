"""How one figure was made."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kpis.queries import bindings, definitions
from kpis.queries.explain import Figure, explain
from kpis.queries.horizon import refuse_beyond
from kpis.queries.points_kpi import meaning_then
from kpis.serializers.clocks import BEYOND_RETENTION
from kpis.serializers.explain import ExplainQuery, asked_of, last_of, placed
from kpis.serializers.explain_answer import explained_out
from kpis.serializers.explain_out import ExplainOut
from kpis.serializers.kpis_points import check_question
from kpis.views.kpis_points import TAG, UNFIT
from service.http import ApiView
from service.openapi import operation
from service.problems import MEDIA_TYPE
from service.serializers import ProblemOut


class KpiExplanation(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": ExplainQuery}

    @operation(
        "explainKpi",
        "Explain how a figure of a KPI was made",
        description=(
            "The last complete figure, or that of a period or instant: its formula with its numbers, what "
            "each feed told of it, the readings in it and those left out, with links to what brought them, "
            "and the lines that it was judged by. Every figure that the API shows links to its explanation."
        ),
        answers=ExplainOut,
        tag=TAG,
        query=ExplainQuery,
        responses={(409, MEDIA_TYPE): OpenApiResponse(ProblemOut, UNFIT), **BEYOND_RETENTION},
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.kpi(self.workspace_id, ref)
        named = self.params.get("binding")
        binding = None if named is None else bindings.binding(self.workspace_id, named)
        asked = asked_of(self.params, row, binding, at=self.at)
        meant = meaning_then(row, asked)
        question, place = placed(asked, self.params, row, meant)
        check_question(question, row, meant)
        last = last_of(place, question, row, meant)
        refuse_beyond(self.workspace_id, self.params.get("as_of"), question.known_at, last)
        live = asked.as_of == self.at
        return Response(dict(explained_out(explain(Figure(row, meant, question, place, live, binding)))))
