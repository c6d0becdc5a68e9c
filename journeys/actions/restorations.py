"""A former version again: as the draft, or published as the next version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from journeys import queries
from journeys.actions.draft_store import save_draft
from journeys.actions.drafts import draw_back, locked
from journeys.actions.publish import Published, publish_draft
from journeys.models import Draft, JourneyMap, Version
from service.credentials import Caller
from service.events import emit
from service.preconditions import IfMatch


@transaction.atomic(savepoint=False)
def restore_draft(
    *,
    journey_map: JourneyMap,
    version: Version,
    caller: Caller,
    message: str = "",
    expected: IfMatch | None = None,
    at: datetime,
) -> Draft:
    """Make a version the draft. Personas that the library still has are referred to again.

    Raises PreconditionFailed, NotFound (archived).
    """
    draft = draw_back(locked(journey_map, expected), version, at=at)
    told = {
        "journey_map": str(journey_map.pk),
        "version": version.number,
        "revision": draft.revision,
        "message": message,
        "author": {"id": str(caller.credential_id), "name": caller.name},
    }
    emit(workspace_id=journey_map.workspace_id, type="map.draft_restored", data=told, at=at)
    return draft


@transaction.atomic(savepoint=False)
def restore_version(
    *,
    journey_map: JourneyMap,
    version: Version,
    caller: Caller,
    message: str = "",
    on_behalf_of: Mapping[str, str] | None = None,
    expected: IfMatch | None = None,
    at: datetime,
) -> Published:
    """Publish a version's content as the next one, with the personas that it had.

    Words of the workspace's vocabularies are those of now. The draft follows, and refers to the library
    again. Raises PreconditionFailed, PublishRefused,
    NothingToPublish, NotFound (archived).
    """
    draft = locked(journey_map, expected)
    exact = queries.version_manifest(version)
    save_draft(draft=draft, before=queries.draft_manifest(draft), now=exact, at=at)
    published = publish_draft(
        journey_map=journey_map,
        caller=caller,
        message=message,
        on_behalf_of=on_behalf_of,
        restored_from=version.number,
        at=at,
    )
    draw_back(draft, version, at=at)
    return published
