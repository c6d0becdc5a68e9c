"""Readings: recorded one by one or in batches, and read as they were recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

import msgspec
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from kpis.actions.readings import Feed, Outcome, record_readings
from kpis.queries import definitions, readings
from kpis.queries.figures import figure_of
from kpis.queries.horizon import refuse_beyond
from kpis.queries.points_plan import Clocks
from kpis.serializers.clocks import BEYOND_RETENTION, ClockQuery, clocks_of
from kpis.serializers.readings import (
    BatchOut,
    ReadingBatchBody,
    ReadingBody,
    ReadingQuery,
    RecordBatchQuery,
    RecordQuery,
    batch_body,
    problem_issues,
    status_of,
)
from kpis.serializers.readings_answer import ReadingOut, RecordedOut, figure_out, reading_out
from kpis.serializers.readings_csv import CSV, read_lines
from kpis.serializers.readings_page import page_of_readings, waiting_out
from kpis.serializers.readings_wire import read_item, read_items
from kpis.series.figure_id import PREFIX
from service.errors import Conflict, Issue, Unprocessable, ValidationProblem
from service.http import ApiView
from service.openapi import operation
from service.pagination import answer
from service.parsers import StrictJsonParser, read_body

TAG = "Readings"


class RawJsonParser(StrictJsonParser):
    """The bytes as they are: a decoder of our own reads them."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return read_body(stream, parser_context, self.limit)


class RawCsvParser(RawJsonParser):
    media_type = CSV


class ReadingView(ApiView):
    """What the views that record share."""

    @property
    def feed(self) -> Feed:
        return Feed(id=None, cause=self.caller.credential_id, name=self.caller.name)

    @property
    def raw(self) -> bytes:
        """The body's bytes; without one there is nothing to parse."""
        data = self.request.data
        return data if isinstance(data, bytes) else b""


class ReadingList(ReadingView):
    scopes = {"GET": "kpis:read", "POST": "readings:write"}
    queries = {"GET": ReadingQuery, "POST": RecordQuery}
    parser_classes = [RawJsonParser]

    @operation(
        "listReadings",
        "List readings as they were recorded, superseded ones too",
        answers=ReadingOut,
        many=True,
        tag=TAG,
        query=ReadingQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request) -> HttpResponseBase:
        params = self.params
        clocks_of(params, at=self.at)
        refuse_beyond(self.workspace_id, params.get("as_of"), params.get("known_at"), params.get("to"))
        ref = params.get("kpi")
        if ref is None and not params["suspect"]:
            raise ValidationProblem([Issue("/kpi", "required", "Name a KPI, or ask for `suspect=true`.")])
        kpi_id = None if ref is None else definitions.kpi(self.workspace_id, ref).id
        page = page_of_readings(workspace_id=self.workspace_id, kpi_id=kpi_id, params=params, at=self.at)
        return answer(request, page, waiting_out)

    @operation(
        "recordReading",
        "Record a reading",
        description="A repeat of what is known answers 200; another figure for it 409, or corrects it.",
        body=ReadingBody,
        answers=RecordedOut,
        created=RecordedOut,
        tag=TAG,
        query=RecordQuery,
    )
    def post(self, request: Request) -> HttpResponseBase:
        (outcome,) = record_readings(
            workspace_id=self.workspace_id,
            items=[read_item(self.raw)],
            feed=self.feed,
            on_conflict=self.params["on_conflict"],
            at=self.at,
        )
        if outcome.id is None:
            raise _refusal(outcome)
        shown = dict(reading_out(readings.reading(self.workspace_id, outcome.id)))
        status = status_of(outcome)
        location = f"/v1/readings/{outcome.id}" if status == 201 else None
        return self.shown(shown | {"outcome": outcome.status}, status=status, location=location)


class ReadingBatch(ReadingView):
    scopes = {"POST": "readings:write"}
    queries = {"POST": RecordBatchQuery}
    parser_classes = [RawJsonParser, RawCsvParser]

    @operation(
        "recordReadings",
        "Record up to 1000 readings",
        description=(
            "Answers 207 with one result per item: what is wrong with one keeps no other from being "
            "recorded. With `atomic=true` all are recorded (201) or none is (422). As `text/csv` the first "
            "line names the columns as the fields of a reading are named, `label:segment` and "
            "`distribution:5` a member of one, and each line below is an item: `index` counts them."
        ),
        body={"application/json": ReadingBatchBody, CSV: OpenApiTypes.BINARY},
        tag=TAG,
        query=RecordBatchQuery,
        responses={
            207: OpenApiResponse(BatchOut, "One result per item."),
            201: OpenApiResponse(BatchOut, "All were recorded, as `atomic` asked."),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        items, misformed = (read_lines if media_type == CSV else read_items)(self.raw)
        recorded = record_readings(
            workspace_id=self.workspace_id,
            items=list(items.values()),
            feed=self.feed,
            on_conflict=self.params["on_conflict"],
            at=self.at,
        )
        outcomes = _in_order(items, recorded, misformed) if misformed else recorded
        if self.params["atomic"] == "false":
            return HttpResponse(batch_body(outcomes), "application/json", 207)
        if issues := problem_issues(outcomes):
            raise Unprocessable("Nothing was recorded.", code="batch_refused", issues=issues)
        return HttpResponse(batch_body(outcomes), "application/json", 201)


class ReadingDetail(ApiView):
    scopes = {"GET": "kpis:read"}
    queries = {"GET": ClockQuery}

    @operation(
        "getReading",
        "Read a reading as it was recorded",
        description="What an id names was recorded once and never changes; only its `state` does, when "
        "something is recorded in its place. As of an instant: the state of then, and 404 where it had not "
        "been recorded, or spoke of what was still to come.",
        answers=ReadingOut,
        tag=TAG,
        query=ClockQuery,
        responses=BEYOND_RETENTION,
    )
    def get(self, request: Request, reading_id: str) -> HttpResponseBase:
        clocks = clocks_of(self.params, at=self.at)
        refuse_beyond(self.workspace_id, self.params.get("as_of"), self.params.get("known_at"))
        if reading_id.startswith(PREFIX):
            figure = figure_of(self.workspace_id, reading_id, clocks or Clocks(self.at, None))
            return self.shown(figure_out(figure))
        among = readings.among_of(self.params)
        return self.shown(dict(reading_out(readings.reading(self.workspace_id, reading_id, among))))


def _in_order(
    items: Iterable[int], recorded: Iterable[Outcome], misformed: Mapping[int, tuple[Issue, ...]]
) -> list[Outcome]:
    """What became of items that are readings, by their indices in the body, and of those that are none."""
    found = [
        *(msgspec.structs.replace(one, index=index) for index, one in zip(items, recorded, strict=True)),
        *(Outcome(index, "refused", issues=issues) for index, issues in misformed.items()),
    ]
    return sorted(found, key=lambda one: one.index)


def _refusal(outcome: Outcome) -> Exception:
    if status_of(outcome) == 400:
        return ValidationProblem(outcome.issues)
    issue = outcome.issues[0]
    return Conflict(issue.detail, code=issue.code, issues=outcome.issues)
