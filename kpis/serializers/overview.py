"""All maps side by side, as data and as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from rest_framework import serializers

from journeys.formats.grid.write import guarded
from kpis.queries.overview import MOST_BREACHES, MOST_MAPS, Cell, FigureSaid, Matrix, Overview, Row
from kpis.serializers.kpis import NumberOut
from kpis.serializers.live import LiveCoverageOut
from kpis.series.rollup import RollUp
from service.fields import StrictChar
from service.serializers import Query

COLUMNS = (
    "journey_map",
    "key",
    "name",
    "version",
    "published_at",
    "status",
    "worst",
    "judged",
    "of",
    "without_rules",
    "in_breach",
    "stalest",
    "stalest_observed_at",
    "broken_sources",
    "open_findings",
    "evidence",
    "owner",
    "review_due",
    "review_overdue",
)


class OverviewQuery(Query):
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")


class OverviewFigureOut(serializers.Serializer[Any]):
    element = serializers.UUIDField(allow_null=True, help_text="Null: at the map.")
    binding = serializers.UUIDField()
    kpi = serializers.UUIDField()
    name = serializers.CharField()
    value = NumberOut(allow_null=True)
    unit = serializers.CharField()
    currency = serializers.CharField(allow_null=True)
    period = serializers.CharField(allow_null=True)
    status = serializers.CharField()
    freshness = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)
    explain = serializers.CharField()


class OverviewSourceOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    last_success_at = serializers.DateTimeField(allow_null=True)


class OverviewEvidenceOut(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Statements: items, quotes, opportunities, emotions.")
    researched = serializers.IntegerField(help_text="Those that are more than assumed.")
    share = serializers.FloatField(allow_null=True, help_text="0 to 1; null where nothing is stated.")


class OverviewReviewOut(serializers.Serializer[Any]):
    due = serializers.DateField(allow_null=True, help_text="Null: none is planned.")
    overdue = serializers.BooleanField()


class OverviewMapOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="Null: nothing is published yet.")
    published_at = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField(help_text="As the live map's as a whole.")
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()
    counts = serializers.DictField(child=serializers.IntegerField())
    in_breach = serializers.IntegerField(help_text="Figures in breach, stale ones too.")
    breaches = OverviewFigureOut(many=True, help_text=f"The first {MOST_BREACHES} of them.")
    stalest = OverviewFigureOut(allow_null=True, help_text="The figure that speaks of the longest ago.")
    broken_sources = OverviewSourceOut(many=True)
    open_findings = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of its figures, by severity."
    )
    evidence = OverviewEvidenceOut(allow_null=True)
    owner = serializers.CharField(allow_null=True, help_text="Who keeps it true, as its review says.")
    review = OverviewReviewOut(allow_null=True)
    live = serializers.CharField(help_text="Its live map.")


class OverviewWordOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class OverviewCellOut(serializers.Serializer[Any]):
    word = serializers.CharField()
    stages = serializers.ListField(child=serializers.UUIDField())
    touchpoints = serializers.IntegerField()
    status = serializers.CharField()
    worst = serializers.CharField(allow_null=True)
    coverage = LiveCoverageOut()


class OverviewLineOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    name = serializers.CharField()
    cells = OverviewCellOut(many=True, help_text="Of the words that stages of the map bear, in their order.")
    others = serializers.IntegerField(help_text="Stages that bear none of the words.")


class OverviewMatrixOut(serializers.Serializer[Any]):
    """Maps that name one vocabulary of stages, stage by stage."""

    vocabulary = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    words = OverviewWordOut(many=True)
    maps = OverviewLineOut(many=True)


class OverviewOut(serializers.Serializer[Any]):
    maps = OverviewMapOut(many=True, help_text="By name.")
    more = serializers.BooleanField(help_text=f"There are more than {MOST_MAPS} maps: narrow them by `q`.")
    matrices = OverviewMatrixOut(many=True, help_text="Of vocabularies that two maps or more name.")


def overview_out(found: Overview, today: date) -> Mapping[str, Any]:
    return {
        "maps": [_map(row, today) for row in found.rows],
        "more": found.more,
        "matrices": [_matrix(one) for one in found.matrices],
    }


def overview_csv(found: Overview, today: date) -> bytes:
    """Return a row per map in UTF-8 with a byte order mark (else Excel takes another encoding), RFC 4180."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for row in found.rows:
        table.writerow([guarded(_cell(value)) for value in _values(_map(row, today))])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _values(shown: Mapping[str, Any]) -> list[Any]:
    coverage, stalest = shown["coverage"], shown["stalest"] or {}
    evidence, review = shown["evidence"] or {}, shown["review"] or {}
    flat = {
        **shown,
        **{name: coverage[name] for name in ("judged", "of", "without_rules")},
        "stalest": stalest.get("name"),
        "stalest_observed_at": stalest.get("observed_at"),
        "broken_sources": ", ".join(source["name"] for source in shown["broken_sources"]),
        "open_findings": sum(shown["open_findings"].values()),
        "evidence": evidence.get("share"),
        "review_due": review.get("due"),
        "review_overdue": review.get("overdue"),
    }
    return [flat[name] for name in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _map(row: Row, today: date) -> dict[str, Any]:
    one, said = row.map, row.map.said
    found = None if said is None else said.evidence
    due = None if said is None else said.review_due
    return {
        "journey_map": one.id,
        "key": one.key,
        "name": one.name,
        "version": one.version or None,
        "published_at": one.published_at,
        **_rolled(row.rolled),
        "counts": {name: count for name, count in row.rolled.counts.items() if count},
        "in_breach": row.in_breach,
        "breaches": [_figure(figure) for figure in row.breaches],
        "stalest": row.stalest and _figure(row.stalest),
        "broken_sources": [
            {"id": source.id, "name": source.name, "last_success_at": source.last_success_at}
            for source in row.broken
        ],
        "open_findings": row.findings,
        "evidence": found and {"total": found.total, "researched": found.researched, "share": found.share},
        "owner": said.owner or None if said is not None else None,
        "review": said and {"due": due, "overdue": due is not None and due < today},
        "live": f"/v1/journey-maps/{one.id}/live",
    }


def _rolled(found: RollUp) -> dict[str, Any]:
    return {"status": found.status, "worst": found.worst, "coverage": found.coverage}


def _figure(figure: FigureSaid) -> Mapping[str, Any]:
    entry = figure.entry
    labels = quote(json.dumps(entry.labels, sort_keys=True, separators=(",", ":")))
    return {
        "element": figure.element,
        "binding": entry.binding,
        "kpi": entry.kpi,
        "name": entry.name,
        "value": entry.value,
        "unit": entry.unit,
        "currency": entry.currency,
        "period": entry.period and entry.period.label,
        "status": entry.status,
        "freshness": entry.freshness,
        "since": entry.since,
        "observed_at": entry.observed_at,
        "explain": f"/v1/kpis/{entry.kpi}/explain?binding={entry.binding}&labels={labels}",
    }


def _matrix(one: Matrix) -> Mapping[str, Any]:
    return {
        "vocabulary": one.vocabulary,
        "label": one.label,
        "words": [{"key": key, "label": label} for key, label in one.words.items()],
        "maps": [
            {
                "journey_map": each.id,
                "name": each.name,
                "cells": [_cell_out(word, cells[word]) for word in one.words if word in cells],
                "others": others,
            }
            for each, cells, others in one.rows
        ],
    }


def _cell_out(word: str, cell: Cell) -> Mapping[str, Any]:
    return {
        "word": word,
        "stages": [stage.id for stage in cell.stages],
        "touchpoints": sum(len(stage.touchpoints) for stage in cell.stages),
        **_rolled(cell.rolled),
    }
