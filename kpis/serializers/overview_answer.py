"""All maps side by side, as JSON and as a table: for who may read maps, and for the audience of a view.

An audience gets no address that its token does not open, and neither keys nor versions of maps.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from journeys.formats.grid.write import guarded
from kpis.queries.overview import Cell, Matrix, Overview, Row
from kpis.queries.overview_told import FigureSaid
from kpis.queries.points_plan import Clocks
from kpis.series.live_parts import iso
from kpis.series.rollup import RollUp

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
_NOT_SEEN = ("key", "version", "published_at", "live")
"""What is told of a map to nobody who has a link to a view."""


@dataclass(frozen=True, slots=True)
class When:
    """The day on which a review is overdue or not, and what addresses ask to be of the same instants."""

    today: date
    query: Sequence[str] = ()


def when_of(clocks: Clocks | None, today: date) -> When:
    """Return when an overview is of; today: for one of now."""
    if clocks is None:
        return When(today)
    told = (("as_of", clocks.as_of), ("known_at", clocks.known_at))
    return When(clocks.known_by.date(), [f"{name}={iso(at)}" for name, at in told if at is not None])


def live_address(map_id: uuid.UUID, when: When) -> str:
    """Return where the live map of then is."""
    return "?".join(filter(None, (f"/v1/journey-maps/{map_id}/live", "&".join(when.query))))


def overview_out(found: Overview, when: When, *, is_seen: bool = False) -> Mapping[str, Any]:
    """is_seen: for the audience of a view."""
    shown = _seen if is_seen else _map
    clocks = found.clocks
    known_at = clocks and clocks.known_at
    return {
        "as_of": clocks and iso(clocks.as_of),
        "known_at": known_at and iso(known_at),
        "maps": [shown(row, when) for row in found.rows],
        "more": found.more,
        "matrices": [_matrix(one) for one in found.matrices],
    }


def overview_csv(found: Overview, when: When, *, is_seen: bool = False) -> bytes:
    """Return a row per map in UTF-8 with a byte order mark (else Excel takes another encoding), RFC 4180.

    The matrix of each vocabulary stands in the last columns, one for each word: `buyers-journey/awareness` is
    the status of the stages that bear it, empty where the map has none.
    """
    columns = [name for name in COLUMNS if not (is_seen and name in _NOT_SEEN)]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    words = [(one, word) for one in found.matrices for word in one.words]
    table.writerow([*columns, *(f"{one.vocabulary}/{word}" for one, word in words)])
    cells = {
        (one.vocabulary, each.id, word): cell.rolled.status
        for one in found.matrices
        for each, by_word, _ in one.rows
        for word, cell in by_word.items()
    }
    for row in found.rows:
        flat = _flat(_map(row, when))
        stages = [cells.get((one.vocabulary, row.map.id, word), "") for one, word in words]
        table.writerow([*(guarded(_cell(flat[name])) for name in columns), *stages])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _flat(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    coverage, stalest = shown["coverage"], shown["stalest"] or {}
    evidence, review = shown["evidence"] or {}, shown["review"] or {}
    return {
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


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _seen(row: Row, when: When) -> dict[str, Any]:
    shown = {name: value for name, value in _map(row, when).items() if name not in _NOT_SEEN}
    for figure in (*shown["breaches"], *filter(None, [shown["stalest"]])):
        del figure["explain"]
    return shown


def _map(row: Row, when: When) -> dict[str, Any]:
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
        "breaches": [_figure(figure, when) for figure in row.breaches],
        "stalest": row.stalest and _figure(row.stalest, when),
        "broken_sources": [
            {"id": source.id, "name": source.name, "last_success_at": source.last_success_at}
            for source in row.broken
        ],
        "open_findings": row.findings,
        "evidence": found and {"total": found.total, "researched": found.researched, "share": found.share},
        "owner": said.owner or None if said is not None else None,
        "review": said and {"due": due, "overdue": due is not None and due < when.today},
        "live": live_address(one.id, when),
    }


def _rolled(found: RollUp) -> dict[str, Any]:
    return {"status": found.status, "worst": found.worst, "coverage": found.coverage}


def _figure(figure: FigureSaid, when: When) -> dict[str, Any]:
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
        "explain": "&".join(
            [f"/v1/kpis/{entry.kpi}/explain?binding={entry.binding}&labels={labels}", *when.query]
        ),
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
