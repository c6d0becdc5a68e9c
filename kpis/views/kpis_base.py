"""Bases: how many there were of what a KPI over a stock counts."""

from __future__ import annotations

from django.http import HttpResponseBase
from rest_framework.request import Request

from kpis.actions.readings import Feed, Outcome, record_readings
from kpis.queries import definitions
from kpis.queries.bases import bases_of
from kpis.serializers.kpis_base import (
    BaseGivenOut,
    BaseIn,
    BaseOut,
    BaseQuery,
    as_sent,
    base_out,
    page_of_bases,
    reading_of,
)
from kpis.serializers.readings import status_of
from service.errors import Conflict, ValidationProblem
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer

TAG = "Kpis"


class KpiBases(ApiView):
    scopes = {"GET": "kpis:read", "POST": "readings:write"}
    queries = {"GET": BaseQuery}

    @operation(
        "listKpiBases",
        "List the bases of a KPI over a stock, each with its drift",
        description=(
            "Oldest first, label set by label set, each as it was recorded last; what was corrected is in "
            "the list of readings. Expected of a base is the one before and what joined less what was lost."
        ),
        answers=BaseOut,
        many=True,
        tag=TAG,
        query=BaseQuery,
    )
    def get(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.kpi(self.workspace_id, ref)
        as_of = self.params.get("as_of") or self.params.get("known_at") or self.at
        found = bases_of(
            row, labels=self.params.get("labels"), as_of=as_of, known_at=self.params.get("known_at")
        )
        return answer(request, page_of_bases(found, self.params), lambda one: dict(base_out(one)))

    @operation(
        "createKpiBase",
        "Give a KPI over a stock its base",
        description=(
            "How many there were at an instant. From there the stock follows by what joined and was lost; "
            "without a base churn is null. The same base again answers 200; another count of its instant "
            "corrects it."
        ),
        body=BaseIn,
        answers=BaseGivenOut,
        created=BaseGivenOut,
        tag=TAG,
    )
    def post(self, request: Request, ref: str) -> HttpResponseBase:
        row = definitions.open_kpi(self.workspace_id, ref)
        values = self.body(BaseIn)
        (outcome,) = record_readings(
            workspace_id=self.workspace_id,
            items=[reading_of(str(row.id), values)],
            feed=Feed(id=None, cause=self.caller.credential_id, name=self.caller.name),
            on_conflict="correct",
            at=self.at,
        )
        if outcome.id is None:
            raise _refusal(outcome)
        as_of = max(self.at, values["at"])  # a base may be told a little ahead of our clock
        given = bases_of(row, labels=values["labels"], as_of=as_of, known_at=None)
        mine = [one for one in given if one.given.at == values["at"]]
        shown = dict(base_out(max(mine, key=lambda one: one.measure))) | {"outcome": outcome.status}
        return self.shown(shown, status=status_of(outcome))


def _refusal(outcome: Outcome) -> Exception:
    issues = as_sent(outcome.issues)
    return (
        ValidationProblem(issues)
        if status_of(outcome) == 400
        else Conflict(issues[0].detail, code=issues[0].code)
    )
