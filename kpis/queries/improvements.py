"""Reads of improvements: as they are, and as they were known."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from kpis.models.improvements import Improvement
from kpis.queries.sql import array, fetch, statement
from kpis.series.effect import standing
from service.errors import NotFound
from service.resources import by_ref, open_ref

_KNOWN = statement("improvements_known")


class Aim(msgspec.Struct, frozen=True):
    """A KPI that is meant to move. direction: up | down; by: how far, in its unit; None: nobody said."""

    kpi: uuid.UUID
    labels: Mapping[str, str]
    direction: str | None = None
    by: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An improvement as it was known; instants in UTC. written_at: when it was first written down."""

    id: uuid.UUID
    journey_map_id: uuid.UUID
    title: str
    effective_at: datetime
    until: datetime | None
    elements: tuple[uuid.UUID, ...]
    aims: tuple[Aim, ...]
    written_at: datetime

    def status(self, at: datetime) -> str:
        """Return how it stands at an instant."""
        return standing(self.effective_at, self.until, at)


_aims = msgspec.json.Decoder(tuple[Aim, ...], float_hook=Decimal)


def improvements(workspace_id: uuid.UUID) -> QuerySet[Improvement, Improvement]:
    """Return the unarchived improvements of the workspace."""
    return Improvement.objects.filter(workspace_id=workspace_id, archived_at=None)


def improvements_of_map(workspace_id: uuid.UUID, map_id: uuid.UUID) -> QuerySet[Improvement, Improvement]:
    return improvements(workspace_id).filter(journey_map_id=map_id)


def aimed_at(
    rows: QuerySet[Improvement, Improvement], kpi_id: uuid.UUID
) -> QuerySet[Improvement, Improvement]:
    """Return those that are meant to move a KPI."""
    return rows.filter(aims__contains=[{"kpi": str(kpi_id)}])


def improvement(workspace_id: uuid.UUID, ref: str) -> Improvement:
    """Return the unarchived improvement that an id or key names, with its map. Raises NotFound."""
    rows = Improvement.objects.filter(workspace_id=workspace_id).select_related("journey_map")
    return open_ref(rows, ref)


def improvement_known(workspace_id: uuid.UUID, ref: str, known_at: datetime | None) -> Known:
    """Return what an improvement said, as known at an instant (None: now). Raises NotFound, also where it was
    not written down by then."""
    rows = Improvement.objects.filter(workspace_id=workspace_id)
    row = open_ref(rows, ref) if known_at is None else by_ref(rows, ref)
    found = known(workspace_id, known_at=known_at, improvement=row.pk)
    if not found:
        raise NotFound("The improvement was not known by then.", code="not_recorded")
    return found[0]


def known(
    workspace_id: uuid.UUID,
    *,
    known_at: datetime | None = None,
    journey_map: uuid.UUID | None = None,
    kpis: Collection[uuid.UUID] = (),
    improvement: uuid.UUID | None = None,
) -> list[Known]:
    """Return the improvements of a map, and those that aim at any of the KPIs, or the one that is named, as
    known at an instant (None: now); the earliest first. One statement."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "known_at": known_at,
        "map": journey_map,
        "kpis": array(kpis),
        "improvement": improvement,
    }
    return [
        Known(own, map_id, title, at, until, tuple(elements), _aims.decode(aims), written_at)
        for own, map_id, title, at, until, elements, aims, written_at in fetch(_KNOWN, values)
    ]


def status_filter(status: str, at: datetime) -> Q:
    """Return what chooses the improvements that are planned, live or withdrawn at an instant."""
    if status == "planned":
        return Q(effective_at__gt=at)
    over = Q(until__lte=at)
    return Q(effective_at__lte=at) & (over if status == "withdrawn" else ~over | Q(until=None))
