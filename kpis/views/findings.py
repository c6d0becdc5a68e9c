"""Findings: what was noticed, and what people do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request

from journeys import queries as journeys
from kpis.actions.findings_care import tend_finding
from kpis.actions.findings_told import Author
from kpis.queries import definitions, feeds, findings, findings_past
from kpis.queries.points_plan import Clocks, known_by
from kpis.serializers.clocks import BEYOND_RETENTION, clocks_of
from kpis.serializers.findings import (
    FindingChangeOut,
    FindingIn,
    FindingOut,
    FindingPastQuery,
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


class FindingView(ApiView):
    """What the views of findings share: the instants that one may ask as of."""

    @property
    def _clocks(self) -> Clocks | None:
        return clocks_of(self.params, at=self.at)


class FindingList(FindingView):
    scopes = {"GET": "findings:read"}
    queries = {"GET": FindingQuery}

    @operation(
        "listFindings",
        "List what was noticed",
        answers=FindingOut,
        many=True,
        tag=TAG,
        query=FindingQuery,
        description="As of an instant: the findings that had been opened by then, closed ones too, each as "
        "it was. Filters speak of then. Whatever is noticed is known from then on, so of two instants the "
        "earlier one counts; where a series showed, and how it stood there, is told by both.",
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters, clocks = self._filters(), self._clocks
        if clocks is None:
            page = page_of(
                findings.findings(self.workspace_id, **filters), filters=filters, **self.page_params
            )
            spreads = findings.spreads(self.workspace_id, page.rows)
        else:
            rows = findings_past.findings_then(self.workspace_id, clocks, **filters)
            instants = {name: self.params.get(name) for name in ("as_of", "known_at")}
            page = page_of(rows, filters={**filters, **instants}, **self.page_params)
            findings_past.as_they_were(self.workspace_id, page.rows, clocks)
            spreads = findings_past.spreads_then(self.workspace_id, page.rows, clocks)
        return answer(request, page, lambda row: finding_out(row, spreads[row.id], clocks))

    def _filters(self) -> dict[str, Any]:
        given, own = self.params, self.workspace_id
        names = ("state", "kind", "severity", "since")
        found: dict[str, Any] = {name: given[name] for name in names if name in given}
        if "kpi" in given:
            found["kpi_id"] = definitions.kpi(own, given["kpi"]).id
        if "source" in given:
            found["source_id"] = feeds.source(own, given["source"]).id
        if "journey_map" in given:
            journey_map = journeys.open_map(own, given["journey_map"], known_by(self._clocks))
            found["map_id"] = journey_map.id
            if "element" in given:
                found["element_id"] = journeys.element(journey_map, given["element"]).id
        return found


class FindingDetail(FindingView):
    scopes = {"GET": "findings:read", "PATCH": "findings:write"}
    queries = {"GET": FindingPastQuery}

    @operation(
        "getFinding",
        "Read a finding",
        answers=FindingOut,
        tag=TAG,
        query=FindingPastQuery,
        description="As of an instant: as it was; 404 where it was not opened by then.",
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, finding_id: uuid.UUID) -> HttpResponseBase:
        clocks = self._clocks
        if clocks is None:
            return self._shown(finding_id, volatile=True)
        row = findings_past.finding_then(self.workspace_id, finding_id, clocks)
        spread = findings_past.spreads_then(self.workspace_id, [row], clocks)[row.id]
        return self.shown(finding_out(row, spread, clocks), volatile=True)

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
