"""Readings: what the contract says of their bodies, and the bodies that go out.

The bodies that come in are decoded by `readings_wire`; the serializers of them only declare what it takes.
A test holds one against the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from rest_framework import serializers

from kpis.actions.readings import Outcome
from kpis.actions.readings_judge import CONFLICTS
from kpis.series.labels import check_selector
from service.errors import Issue
from service.fields import Instant, StrictChar
from service.serializers import IssueOut, PageQuery, Part, Query

_STATUS = {"created": 201, "duplicate": 200, "corrected": 201, "retracted": 201}
_NUMBER = {"required": False, "allow_null": True}


class ReadingBody(Part):
    """One reading: a figure, a time, and what tells its series apart."""

    kpi = StrictChar(help_text="Id or key of the KPI.")
    value = serializers.FloatField(help_text="The figure, or one answer.", **_NUMBER)  # type: ignore[arg-type]
    numerator = serializers.FloatField(**_NUMBER)  # type: ignore[arg-type]
    denominator = serializers.FloatField(**_NUMBER)  # type: ignore[arg-type]
    n = serializers.IntegerField(min_value=0, help_text="Observations behind `value`.", **_NUMBER)  # type: ignore[arg-type]
    distribution = serializers.DictField(
        child=serializers.IntegerField(min_value=0),
        help_text='Answers per step: `{"5": 42}`.',
        **_NUMBER,  # type: ignore[arg-type]
    )
    answers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=5),
        min_length=10,
        max_length=10,
        help_text="Of one person, to the ten questions of a System Usability Scale, in their order.",
        **_NUMBER,  # type: ignore[arg-type]
    )
    unit = StrictChar(
        required=False, allow_null=True, help_text="Of `value`: shares say fraction or percent."
    )
    period = StrictChar(
        required=False,
        allow_null=True,
        help_text="2026, 2026-Q3, 2026-10, 2026-W42, 2026-10-31 or 2026-10-31T14.",
    )
    start = Instant(required=False, allow_null=True)
    end = Instant(required=False, allow_null=True, help_text="Exclusive.")
    observed_at = Instant(required=False, allow_null=True, help_text="Of an event or an instant's value.")
    labels = serializers.DictField(child=StrictChar(max_length=200), required=False)
    external_id = StrictChar(
        required=False, allow_null=True, max_length=255, help_text="Of events; tells them apart."
    )
    flows = serializers.DictField(
        child=serializers.FloatField(min_value=0),
        help_text="Of a KPI over a stock: what joined and was lost in the period, "
        '`{"joined": 20, "lost": 8}`; lost counts those who were there at its start, lost_new the others.',
        **_NUMBER,  # type: ignore[arg-type]
    )
    base = serializers.FloatField(
        help_text="Of a KPI over a stock: how many there were at `observed_at`.",
        min_value=0,
        **_NUMBER,  # type: ignore[arg-type]
    )
    side = StrictChar(
        required=False,
        allow_null=True,
        max_length=20,
        help_text="What happened to the thing that external_id names: joined or lost, of a KPI over a stock; "
        "denominator or numerator, of a rate that counts things, where both count with the denominator.",
    )
    retract = serializers.BooleanField(required=False, help_text="Take back what was recorded of this.")
    reason = StrictChar(
        required=False, allow_null=True, max_length=500, help_text="Why it is corrected or taken back."
    )


class ReadingBatchBody(Part):
    items = serializers.ListField(child=ReadingBody(), min_length=1, max_length=1000)


class SettleIn(Part):
    reason = StrictChar(required=False, max_length=500, help_text="Why it is so.")


class RecordQuery(Query):
    on_conflict = serializers.ChoiceField(
        ["refuse", "correct"],
        required=False,
        default="refuse",
        help_text="What happens to another figure for what is known: 409, or it corrects.",
    )


class RecordBatchQuery(RecordQuery):
    atomic = serializers.ChoiceField(
        ["true", "false"], required=False, default="false", help_text="All items (201) or none (422)."
    )


class SelectorParam(StrictChar):
    """A JSON object of label names and values as the text of a parameter."""

    constraints = {"format": "json-object"}
    default_error_messages = {"selector": 'Write a JSON object, such as {{"segment": "smb"}}.'}

    def to_internal_value(self, data: Any) -> dict[str, str]:  # type: ignore[override]
        try:
            selector = json.loads(super().to_internal_value(data))
        except (ValueError, RecursionError):
            self.fail("selector")
        if not isinstance(selector, dict) or not all(isinstance(value, str) for value in selector.values()):
            self.fail("selector")
        if issues := check_selector(selector):
            raise serializers.ValidationError(issues[0].detail, code=issues[0].code)
        return selector


SELECTOR_HELP = 'JSON object: each label with its value, or "*" for every value; a label left out is absent.'


class ReadingQuery(PageQuery):
    cursor = StrictChar(required=False, help_text="From `next`.")
    kpi = StrictChar(
        max_length=64, required=False, help_text="Id or key of the KPI; needed unless `suspect` is true."
    )
    labels = SelectorParam(required=False, help_text=SELECTOR_HELP)
    to = Instant(required=False, help_text="Readings that end then or earlier.")
    as_of = Instant(required=False, help_text="What was true then; all when left out.")
    known_at = Instant(required=False, help_text="Recorded by then, with their states of then.")
    suspect = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Only those that wait to be confirmed, of all KPIs where none is named; and after them the "
        "figures of whole periods that wait, of the last 60 up to `to`. A page may be short and still have a "
        "`next`.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        since = Instant(required=False, help_text="Readings that end then or later.")
        return {**super().get_fields(), "from": since}


class BatchCountsOut(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    corrected = serializers.IntegerField()
    retracted = serializers.IntegerField()
    refused = serializers.IntegerField()


class BatchItemOut(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.IntegerField(help_text="As it would be of this item alone: 201, 200, 409 or 400.")
    outcome = serializers.CharField(help_text="created, duplicate, corrected, retracted or refused.")
    id = serializers.CharField(allow_null=True)
    errors = IssueOut(many=True)  # type: ignore[assignment]


class BatchOut(serializers.Serializer[Any]):
    counts = BatchCountsOut()
    results = BatchItemOut(many=True)


class _Error(msgspec.Struct):
    pointer: str
    code: str
    detail: str


class _Item(msgspec.Struct):
    index: int
    status: int
    outcome: str
    id: str | None
    errors: list[_Error]


class _Batch(msgspec.Struct):
    counts: dict[str, int]
    results: list[_Item]


def batch_body(outcomes: Sequence[Outcome]) -> bytes:
    """Return the body of a batch's answer."""
    counts = dict.fromkeys((*_STATUS, "refused"), 0)
    for one in outcomes:
        counts[one.status] += 1
    return msgspec.json.encode(_Batch(counts, [_item(one) for one in outcomes]))


def _item(one: Outcome) -> _Item:
    errors = [_Error(issue.pointer, issue.code, issue.detail) for issue in one.issues]
    return _Item(one.index, status_of(one), one.status, one.id, errors)


def status_of(outcome: Outcome) -> int:
    """Return the HTTP status of one item: what is wrong with it comes before what it conflicts with."""
    if outcome.status != "refused":
        return _STATUS[outcome.status]
    return 409 if all(issue.code in CONFLICTS for issue in outcome.issues) else 400


def problem_issues(outcomes: Sequence[Outcome]) -> list[Issue]:
    """Return what was refused of an atomic batch, pointers into its body."""
    return [issue.under(f"/items/{one.index}") for one in outcomes for issue in one.issues]
