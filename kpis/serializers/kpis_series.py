"""Label sets of a KPI, now or then: what may be asked, and what is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from kpis.models.definitions import Series
from kpis.queries.points_plan import Clocks
from kpis.serializers.clocks import PastQuery
from kpis.serializers.explain_links import explain_series
from service.errors import Issue, ValidationProblem
from service.pagination import Page

_CURSOR = re.compile(r"[0-9]{1,18}")


class SeriesQuery(PastQuery):
    """Then: the label sets of which something had been told."""


class SeriesOut(serializers.Serializer[Any]):
    labels = serializers.DictField(child=serializers.CharField())
    measure = serializers.IntegerField(help_text="The measure of the KPI that its figures are of.")
    feed = serializers.UUIDField(
        allow_null=True, help_text="The source or endpoint that feeds it; null: the API."
    )
    created_at = serializers.DateTimeField()
    explain = serializers.CharField(help_text="How its last figure was made.")


def page_of_series(rows: QuerySet[Series, Series], params: Mapping[str, Any]) -> Page:
    """Return the page of label sets, in the order in which they came up, that the query asks for."""
    cursor, size = params.get("cursor"), params["page_size"]
    if cursor is not None:
        if not _CURSOR.fullmatch(cursor):
            raise ValidationProblem([Issue("/cursor", "invalid_cursor", "Take cursors from `next`.")])
        rows = rows.filter(id__gt=int(cursor))
    found = list(rows.order_by("id")[: size + 1])
    return Page(found[:size], str(found[size - 1].id) if len(found) > size else None, None)


def series_out(row: Series, clocks: Clocks | None) -> Mapping[str, Any]:
    """Return a label set as shown."""
    return {
        "labels": row.labels,
        "measure": row.revision,
        "feed": row.feed_id,
        "created_at": row.created_at,
        "explain": explain_series(row.kpi_id, row.labels, clocks),
    }
