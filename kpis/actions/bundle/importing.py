"""The whole import, in the caller's one transaction: rows, then what is worked out from them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from journeys.actions.bundle import map_takers
from journeys.actions.bundle.whole import check_maps_whole
from journeys.models import Collection, JourneyMap, Persona, Template, Vocabulary
from kpis.actions.bundle.meanings import check_meanings
from kpis.actions.bundle.readings import ReadingTaker, SeriesTaker
from kpis.actions.findings_silenced import appoint_silence
from kpis.actions.findings_states import settle_workspace
from kpis.actions.sources import DUE_KIND
from kpis.actions.states import refresh_bindings
from kpis.models import AudienceView, Binding, InboundEndpoint, Kpi, Source
from kpis.queries import bundle
from kpis.queries.notices import silences
from service.bundle.intake import TableTaker, Taker, begin, take_in
from service.bundle.lines import Reader
from service.bundle.tables import Check
from service.credentials import issue_credential
from service.due import set_due
from service.events import emit
from service.models import Resource, Workspace
from service.providers.table import PROVIDERS
from service.resources import LimitReached

_AT_ONCE = 100
_LIMITED: dict[str, type[Resource]] = {
    "journey_maps": JourneyMap,
    "personas": Persona,
    "vocabularies": Vocabulary,
    "templates": Template,
    "collections": Collection,
    "kpis": Kpi,
    "sources": Source,
    "inbound_endpoints": InboundEndpoint,
    "views": AudienceView,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What came: rows by section; the sources and endpoints that wait for their secrets."""

    counts: dict[str, int]
    sources: list[uuid.UUID]
    endpoints: list[uuid.UUID]


@transaction.atomic(savepoint=False)
def import_workspace(
    *,
    workspace_id: uuid.UUID,
    reader: Reader,
    settings: Mapping[str, Any],
    checks: Mapping[str, Check],
    at: datetime,
) -> Imported:
    """Fill an empty workspace with a bundle. settings: its name, zone and history_from, checked.

    checks: {section: what else its rows must be}, beside what the tables and this room ask of them.
    Raises NotEmpty, InvalidBundle, IdsTaken, LimitReached, TooLarge: then the caller rolls back.
    """
    begin(workspace_id=workspace_id, held=bundle.MODELS)
    Workspace.objects.filter(pk=workspace_id).update(
        **settings, row_version=F("row_version") + 1, updated_at=at
    )
    counts = take_in(reader, _takers(workspace_id, checks, at))
    check_maps_whole(workspace_id=workspace_id, line=reader.number)
    check_meanings(workspace_id=workspace_id, line=reader.number)
    _check_limits(workspace_id)
    sources = _appoint_sources(workspace_id, at)
    endpoints = _open_endpoints(workspace_id, at)
    for silence in silences(workspace_id).filter(ends_at__gt=at):
        appoint_silence(silence, at=silence.ends_at)
    _work_out(workspace_id, at)
    emit(workspace_id=workspace_id, type="workspace.imported", data={"counts": counts}, at=at)
    return Imported(counts, sources, endpoints)


def _takers(workspace_id: uuid.UUID, checks: Mapping[str, Check], at: datetime) -> dict[str, Taker]:
    series = SeriesTaker(workspace_id=workspace_id, at=at)
    takers = map_takers(workspace_id=workspace_id, at=at)
    for table in bundle.KPI_TABLES:
        takers[table.name] = TableTaker(table, workspace_id=workspace_id, at=at, check=checks.get(table.name))
    takers[bundle.SERIES] = series
    takers[bundle.READINGS] = ReadingTaker(series, workspace_id=workspace_id, at=at)
    return takers


def _check_limits(workspace_id: uuid.UUID) -> None:
    """Hold what came against the limits that the operator has set for the workspace. Raises LimitReached."""
    limits = Workspace.objects.values_list("limits", flat=True).get(pk=workspace_id)
    for name, model in _LIMITED.items():
        count = model._default_manager.filter(workspace_id=workspace_id, archived_at=None).count()
        if name in limits and count > int(limits[name]):
            raise LimitReached(f"The limit of {name} is {limits[name]}; the bundle has {count}.")


def _appoint_sources(workspace_id: uuid.UUID, at: datetime) -> list[uuid.UUID]:
    """Make those due that may be pulled; return those that wait for their secret."""
    rows = Source.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("id")
    for own in rows.filter(enabled=True, needs_secret=False).values_list("id", flat=True):
        set_due(workspace_id=workspace_id, kind=DUE_KIND, row_id=own, due_at=at)
    return list(rows.filter(needs_secret=True).values_list("id", flat=True))


def _open_endpoints(workspace_id: uuid.UUID, at: datetime) -> list[uuid.UUID]:
    """Give each endpoint a token, which nobody knows until it is rotated; return those without a secret."""
    rows = InboundEndpoint.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("id")
    waiting = []
    for row in rows:
        issue_credential(
            workspace_id=workspace_id, kind="ingress_token", name=row.name, scopes=[], target_id=row.id, at=at
        )
        if not PROVIDERS[row.provider].secretless:
            waiting.append(row.id)
    return waiting


def _work_out(workspace_id: uuid.UUID, at: datetime) -> None:
    """States of all that is bound; rollups of the days that the readings marked follow by themselves."""
    rows = Binding.objects.filter(workspace_id=workspace_id).order_by("id")
    bound = list(rows.values_list("id", flat=True))
    for start in range(0, len(bound), _AT_ONCE):
        some = bound[start : start + _AT_ONCE]
        refresh_bindings(workspace_id=workspace_id, binding_ids=some, cause="backfill", at=at)
    settle_workspace(workspace_id=workspace_id, at=at)
