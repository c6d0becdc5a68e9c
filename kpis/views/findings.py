"""Findings: what was noticed, and what people do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions.findings_care import tend_finding
from kpis.actions.findings_told import Author
from kpis.queries import definitions, feeds, findings
from kpis.serializers.findings import (
    FindingChangeOut,
    FindingIn,
    FindingOut,
    FindingQuery,
    change_out,
    finding_in,
    finding_out,
)
from service.http import ApiView
from service.openapi import IF_MATCH, operation
from service.pagination import answer, page_of
from service.serializers import PageQuery, checked, merged

TAG = "Findings"


class FindingList(ApiView):
    scopes = {"GET": "findings:read"}
    queries = {"GET": FindingQuery}

    @operation(
        "listFindings", "List what was noticed", answers=FindingOut, many=True, tag=TAG, query=FindingQuery
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = self._filters()
        rows = findings.findings(self.workspace_id, **filters)
        page = page_of(rows, filters=filters, **self.page_params)
        spreads = findings.spreads(self.workspace_id, page.rows)
        return answer(request, page, lambda row: finding_out(row, spreads[row.id]))

    def _filters(self) -> dict[str, Any]:
        given, own = self.params, self.workspace_id
        names = ("state", "kind", "severity", "since")
        found: dict[str, Any] = {name: given[name] for name in names if name in given}
        if "kpi" in given:
            found["kpi_id"] = definitions.kpi(own, given["kpi"]).id
        if "source" in given:
            found["source_id"] = feeds.source(own, given["source"]).id
        if "journey_map" in given:
            journey_map = journeys.open_map(own, given["journey_map"])
            found["map_id"] = journey_map.id
            if "element" in given:
                found["element_id"] = journeys.element(journey_map, given["element"]).id
        return found


class FindingDetail(ApiView):
    scopes = {"GET": "findings:read", "PATCH": "findings:write"}

    @operation("getFinding", "Read a finding", answers=FindingOut, tag=TAG)
    def get(self, request: Request, finding_id: uuid.UUID) -> HttpResponseBase:
        return self._shown(finding_id, volatile=True)

    @operation(
        "updateFinding",
        "Acknowledge, snooze, close or open a finding, or note something",
        body=FindingIn,
        answers=FindingOut,
        tag=TAG,
        parameters=[IF_MATCH],
    )
    def patch(self, request: Request, finding_id: uuid.UUID) -> HttpResponseBase:
        row = findings.finding(self.workspace_id, finding_id)
        expected = self.if_match()
        values = checked(FindingIn, _merged(finding_in(row), request.data))
        author = Author(self.caller.credential_id, self.caller.name)
        tend_finding(finding=row, values=values, author=author, expected=expected, at=self.at)
        return self._shown(row.id)

    def _shown(self, finding_id: uuid.UUID, *, volatile: bool = False) -> HttpResponseBase:
        row = findings.finding(self.workspace_id, finding_id)
        spread = findings.spreads(self.workspace_id, [row])[row.id]
        return self.shown(finding_out(row, spread), volatile=volatile)


def _merged(given: dict[str, object], patch: object) -> dict[str, object]:
    """A finding that is snoozed no more has no end of its snooze."""
    values = merged(given, patch)
    if values.get("state") != "snoozed" and isinstance(patch, dict) and "snoozed_until" not in patch:
        values.pop("snoozed_until", None)
    return values


class FindingChangeList(ApiView):
    scopes = {"GET": "findings:read"}
    queries = {"GET": PageQuery}

    @operation(
        "listFindingChanges",
        "List what became of a finding, and who did what",
        answers=FindingChangeOut,
        many=True,
        tag=TAG,
        query=PageQuery,
    )
    def get(self, request: Request, finding_id: uuid.UUID) -> HttpResponseBase:
        row = findings.finding(self.workspace_id, finding_id)
        page = page_of(findings.changes_of(row), filters={"of": row.id}, **self.page_params)
        return answer(request, page, change_out)
