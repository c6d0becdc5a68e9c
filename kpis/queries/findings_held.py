"""What is held of the subjects of findings, under its lock; and how bindings of a series stand."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from kpis.queries.sql import fetch, statement
from kpis.series.finding import REOPEN_WITHIN, Held
from kpis.series.labels import labels_key

_HELD = statement("held_findings")
_STATES = statement("states_of_series")
_EVERY = """
SELECT kpi_id, selector::text FROM binding WHERE workspace_id = %(workspace)s AND archived_at IS NULL
UNION
SELECT kpi_id, labels::text FROM finding
WHERE workspace_id = %(workspace)s AND standing AND kind IN ('status', 'freshness')
"""
_labels = msgspec.json.Decoder(dict[str, str])
SeriesKey = tuple[uuid.UUID, str]
"""A KPI, and the canonical labels of what is selected of it."""


def held_findings(
    *, workspace_id: uuid.UUID, wanted: Collection[tuple[str, str]], at: datetime
) -> dict[tuple[str, str], Held]:
    """Return by (kind, subject) the finding that stands, else the last that was over lately. One statement.

    They are locked until the transaction ends.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kinds": [kind for kind, _ in wanted],
        "subjects": [subject for _, subject in wanted],
        "since": at - REOPEN_WITHIN,
    }
    found: dict[tuple[str, str], Held] = {}
    for kind, subject, *row in fetch(_HELD, values):
        one = Held(*row)
        known = found.get((kind, subject))
        if known is None or _rank(one) > _rank(known):
            found[kind, subject] = one
    return found


def _rank(one: Held) -> tuple[bool, float]:
    return one.standing, one.over_at.timestamp() if one.over_at else 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How one binding stands. entry: what the live map shows at it, as JSON text."""

    status: str
    freshness: str
    entry: str


def standings(*, workspace_id: uuid.UUID, keys: Collection[SeriesKey]) -> dict[SeriesKey, list[Standing]]:
    """Return by series how its bindings stand; an empty list where none shows it. One statement."""
    found: dict[SeriesKey, list[Standing]] = {key: [] for key in keys}
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "kpis": [kpi_id for kpi_id, _ in keys],
        "selectors": [labels for _, labels in keys],
    }
    for kpi_id, selector, *row in fetch(_STATES, values):
        found[kpi_id, labels_key(_labels.decode(selector))].append(Standing(*row))
    return found


def every_series(workspace_id: uuid.UUID) -> set[SeriesKey]:
    """Return the series that a binding shows, or that something was found of. One statement."""
    rows = fetch(_EVERY, {"workspace": workspace_id})
    return {(kpi_id, labels_key(_labels.decode(selector))) for kpi_id, selector in rows}
