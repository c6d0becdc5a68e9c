"""Reads of audience views: as resources, and as their tokens open them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import msgspec
from django.db import connection
from django.db.models import QuerySet

from kpis.models.audience import AudienceView, Snapshot
from kpis.queries.audience_shows import Shows, read_shows
from kpis.queries.live import Head
from kpis.queries.live_asked import Asked
from service.errors import NotFound
from service.models import Credential
from service.resources import open_ref

_OPENED = """
SELECT shown.id, shown.row_version, shown.shows::text, shown.history, shown.embed_origins::text,
       journey_map.id, journey_map.last_version, journey_map.live_revision, journey_map.archived_at,
       journey_map.erasures,
       EXISTS (SELECT FROM journey_map AS below
               WHERE below.workspace_id = journey_map.workspace_id AND below.parent_map_id = journey_map.id
                 AND below.archived_at IS NULL)
FROM audience_view AS shown
LEFT JOIN journey_map
  ON journey_map.workspace_id = shown.workspace_id AND journey_map.id = shown.journey_map_id
WHERE shown.workspace_id = %(workspace)s AND shown.id = %(view)s
  AND shown.archived_at IS NULL AND journey_map.archived_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class OpenedView:
    """A view as it is shown: its revision, what it shows, and whose pages may frame it; history: whether
    instants may be asked."""

    id: uuid.UUID
    row_version: int
    shows: Shows
    embed_origins: tuple[str, ...]
    history: bool


@dataclass(frozen=True, slots=True)
class OpenedOverview(OpenedView):
    """A view of many maps side by side."""


@dataclass(frozen=True, slots=True)
class Opened(OpenedView):
    """A view of one map, with the head of it."""

    head: Head


@dataclass(frozen=True, slots=True)
class Subject:
    """What an audience asks about: a view as it is, or a snapshot of it.

    pinned: what a snapshot always answers; None: whatever is asked. name: what stands on its face.
    """

    id: uuid.UUID
    row_version: int
    shows: Shows
    view: Opened
    pinned: Asked | None = None
    name: str = ""


def subject_of(view: Opened) -> Subject:
    """Return the view as it is."""
    return Subject(view.id, view.row_version, view.shows, view)


def pinned_subject(view: Opened, row: Snapshot) -> Subject:
    """Return a snapshot of the view: version and instants are those of its making, and it shows what the
    view showed then, as far as the view still does: who tightens a view means its past, too."""
    asked = Asked(row.as_of.astimezone(UTC), row.known_at.astimezone(UTC), row.version)
    shows = read_shows(row.shows).within(view.shows)
    return Subject(row.id, view.row_version, shows, view, asked, row.name)


def views(workspace_id: uuid.UUID) -> QuerySet[AudienceView, AudienceView]:
    """Return the unarchived views of the workspace."""
    return AudienceView.objects.filter(workspace_id=workspace_id, archived_at=None)


def view(workspace_id: uuid.UUID, ref: str) -> AudienceView:
    """Return the unarchived view that an id or key names. Raises NotFound."""
    return open_ref(AudienceView.objects.filter(workspace_id=workspace_id), ref)


def opened(workspace_id: uuid.UUID, view_id: uuid.UUID) -> Opened:
    """Return a view of one map. Raises NotFound, also where it is one of the overview."""
    found = opened_any(workspace_id, view_id)
    if not isinstance(found, Opened):
        raise NotFound(f"It shows maps side by side: /v1/views/{view_id}/overview.", code="view_of_overview")
    return found


def opened_overview(workspace_id: uuid.UUID, view_id: uuid.UUID) -> OpenedOverview:
    """Return a view of the overview. Raises NotFound, also where it is one of a map."""
    found = opened_any(workspace_id, view_id)
    if not isinstance(found, OpenedOverview):
        raise NotFound(f"It shows one map: /v1/views/{view_id}/live.", code="view_of_map")
    return found


def opened_any(workspace_id: uuid.UUID, view_id: uuid.UUID) -> Opened | OpenedOverview:
    """Return a view and the head of its map, by one statement. Raises NotFound; archived is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENED, {"workspace": workspace_id, "view": view_id})
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such view, or its time is over.")
    shows: Mapping[str, Any] = msgspec.json.decode(row[2])
    origins = tuple(msgspec.json.decode(row[4], type=list[str]))
    if row[5] is None:
        return OpenedOverview(row[0], row[1], read_shows(shows), origins, row[3])
    return Opened(row[0], row[1], read_shows(shows), origins, row[3], Head(*row[5:]))


def tokens(workspace_id: uuid.UUID, view_id: uuid.UUID | None = None) -> QuerySet[Credential, Credential]:
    """Return the unrevoked tokens of a view, or of all; expired ones are among them.

    The table has no row level security: the workspace is named here.
    """
    rows = Credential.objects.filter(
        workspace_id=workspace_id, kind=Credential.Kind.VIEW_TOKEN, revoked_at=None
    )
    return rows if view_id is None else rows.filter(target_id=view_id)


def token(row: AudienceView, token_id: uuid.UUID, *, lock: bool = False) -> Credential:
    """Return a token of the view. Raises NotFound."""
    rows = tokens(row.workspace_id, row.id)
    found = (rows.select_for_update() if lock else rows).filter(pk=token_id).first()
    if found is None:
        raise NotFound("The view has no such token, or it was revoked.")
    return found


def snapshots(workspace_id: uuid.UUID, view_id: uuid.UUID) -> QuerySet[Snapshot, Snapshot]:
    return Snapshot.objects.filter(workspace_id=workspace_id, view_id=view_id)


def snapshot(workspace_id: uuid.UUID, view_id: uuid.UUID, snapshot_id: uuid.UUID) -> Snapshot:
    """Return a snapshot of the view. Raises NotFound."""
    found = snapshots(workspace_id, view_id).filter(pk=snapshot_id).first()
    if found is None:
        raise NotFound("The view has no such snapshot.")
    return found
