"""Audience views: defined, changed, archived with all that opens them; their tokens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from journeys import queries as journeys
from journeys.models import JourneyMap
from kpis.actions.audience_refs import resolve_shows
from kpis.models.audience import AudienceView
from kpis.queries import audience
from service import resources
from service.credentials import issue_credential, revoke_credential
from service.errors import Issue, ValidationProblem
from service.models import Credential
from service.preconditions import IfMatch, etag_of

MAX_VIEWS = 1000
MAX_TOKENS = 1000
TOKEN_SCOPES = ("kpis:read", "maps:read")
_COLUMNS = ("key", "attributes", "name", "history", "embed_origins")


@transaction.atomic(savepoint=False)
def create_view(
    *, workspace_id: uuid.UUID, journey_map: JourneyMap | None, values: Mapping[str, Any], at: datetime
) -> AudienceView:
    """Define a view of the map, or of the overview (None).

    values: key, attributes, name, history, embed_origins, and what it shows with ids or keys (see
    `resolve_shows`). Raises ValidationProblem, KeyTaken, LimitReached (`views`).
    """
    rows = audience.views(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="views", default=MAX_VIEWS)
    row = AudienceView(
        workspace_id=workspace_id,
        journey_map=journey_map,
        shows=resolve_shows(workspace_id, journey_map, values),
        created_at=at,
        updated_at=at,
        **{name: values[name] for name in _COLUMNS if name in values},
    )
    return resources.add(row)


def change_view(
    *,
    view: AudienceView,
    values: Mapping[str, Any],
    expected: IfMatch,
    at: datetime,
) -> AudienceView:
    """Write the members of a view; what it showed before may be named again though the map has lost it.

    values: as for `create_view`, and the journey_map, which must be its own. Raises ValidationProblem,
    PreconditionFailed, KeyTaken, NotFound (archived meanwhile).
    """
    expected.check(etag_of(view))
    journey_map = _its_map(view, values["journey_map"])
    found = {name: values.get(name) for name in _COLUMNS}
    found["shows"] = resolve_shows(view.workspace_id, journey_map, values, known=view.shows)
    return resources.change(view, found, expected=expected, at=at)


def _its_map(view: AudienceView, ref: str | None) -> JourneyMap | None:
    """Return the map that a view stays with. Raises ValidationProblem where another one is named, or none."""
    own: JourneyMap | None = None
    names: tuple[str | None, ...] = (None,)
    if view.journey_map_id is not None:
        own = journeys.journey_map(view.workspace_id, str(view.journey_map_id))
        names = tuple(name for name in (str(own.id), own.key) if name is not None)
    if ref not in names:
        detail = "A view stays with its map: define another one."
        raise ValidationProblem([Issue("/journey_map", "not_allowed", detail)])
    return own


@transaction.atomic(savepoint=False)
def archive_view(*, view: AudienceView, expected: IfMatch, at: datetime) -> AudienceView:
    """Take the view away, and make all its tokens useless. Raises PreconditionFailed, NotFound."""
    archived = resources.archive(view, expected=expected, at=at)
    rows = audience.tokens(view.workspace_id, view.id)
    rows.update(revoked_at=at, row_version=F("row_version") + 1)
    return archived


@transaction.atomic(savepoint=False)
def create_view_token(
    *, view: AudienceView, name: str, at: datetime, expires_at: datetime | None = None
) -> tuple[Credential, str]:
    """Return the token's row and its secret, which is never readable again. Raises LimitReached, NotFound."""
    workspace_id = view.workspace_id
    AudienceView.objects.select_for_update().get(pk=view.pk)  # nobody archives it meanwhile
    view = audience.view(workspace_id, str(view.id))
    rows = audience.tokens(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="view_tokens", default=MAX_TOKENS)
    return issue_credential(
        workspace_id=workspace_id,
        kind=Credential.Kind.VIEW_TOKEN,
        name=name,
        scopes=TOKEN_SCOPES,
        target_id=view.pk,
        expires_at=expires_at,
        at=at,
    )


@transaction.atomic(savepoint=False)
def revoke_view_token(*, view: AudienceView, token_id: uuid.UUID, expected: IfMatch, at: datetime) -> None:
    """Make the link useless. Raises NotFound, PreconditionFailed."""
    expected.check(etag_of(audience.token(view, token_id, lock=True)))
    revoke_credential(workspace_id=view.workspace_id, credential_id=token_id, at=at)
