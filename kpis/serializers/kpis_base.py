"""Bases of a KPI over a stock, in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from kpis.queries.bases import CheckedBase
from kpis.serializers.kpis import ExactNumber, NumberOut
from kpis.serializers.readings import SELECTOR_HELP, SelectorParam
from kpis.series.reading_in import ReadingIn
from service.errors import Issue, ValidationProblem
from service.fields import Instant, StrictChar
from service.pagination import Page
from service.serializers import In, PageQuery

_CURSOR = re.compile(r"[0-9]{1,9}")


class BaseIn(In):
    """How many there were at an instant. Another count of the same instant corrects it."""

    at = Instant(help_text="Where figures are told per period: where one begins.")
    count = ExactNumber(help_text="Customers, subscriptions, or recurring revenue: 0 or more.")
    labels = serializers.DictField(
        child=StrictChar(max_length=200), required=False, default=dict, help_text="Of the series."
    )
    reason = StrictChar(
        required=False, allow_null=True, max_length=500, help_text="Why it is given or corrected."
    )


class BaseQuery(PageQuery):
    labels = SelectorParam(required=False, help_text=SELECTOR_HELP)
    as_of = Instant(required=False, help_text="What was true then; now when left out.")
    known_at = Instant(required=False, help_text="By what had been recorded then; by all when left out.")


class BaseOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    count = NumberOut()
    labels = serializers.DictField(child=serializers.CharField())
    measure = serializers.IntegerField(help_text="The measure of the KPI that it is a base of.")
    expected = NumberOut(
        allow_null=True, help_text="What the base before it and the flows since come to; null: not known."
    )
    drift = NumberOut(allow_null=True, help_text="`count` less `expected`.")
    reason = serializers.CharField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class BaseGivenOut(BaseOut):
    outcome = serializers.CharField(help_text="created, duplicate or corrected.")


def reading_of(kpi: str, values: Mapping[str, Any]) -> ReadingIn:
    """Return a checked body as the reading that it is."""
    return ReadingIn(
        kpi=kpi,
        base=values["count"],
        observed_at=values["at"],
        labels=values["labels"],
        reason=values.get("reason"),
    )


def as_sent(issues: Sequence[Issue]) -> list[Issue]:
    """Return the issues of the reading with pointers into the body."""
    named = {"/observed_at": "/at", "/base": "/count"}
    return [Issue(named.get(issue.pointer, issue.pointer), issue.code, issue.detail) for issue in issues]


def page_of_bases(rows: Sequence[CheckedBase], params: Mapping[str, Any]) -> Page:
    """Return the page that the query asks for; the cursor is a place in the list."""
    cursor, size = params.get("cursor"), params["page_size"]
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise ValidationProblem([Issue("/cursor", "invalid_cursor", "Take cursors from `next`.")])
    start = int(cursor or 0)
    following = str(start + size) if len(rows) > start + size else None
    return Page(list(rows[start : start + size]), following, None)


def base_out(one: CheckedBase) -> Mapping[str, Any]:
    """Return a base as shown."""
    return {
        "at": one.given.at,
        "count": one.given.count,
        "labels": one.labels,
        "measure": one.measure,
        "expected": one.check.expected,
        "drift": one.check.drift,
        "reason": one.given.reason,
        "recorded_at": one.given.recorded_at,
    }
