"""Reviews of a draft: approved or rejected by somebody else than who publishes it.

A review is of a content, by its digest: what is edited afterwards was not reviewed, and what is edited back
was. Of one reviewer the last word counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from journeys import queries
from journeys.actions.drafts import locked
from journeys.models import JourneyMap, Review, Version
from journeys.queries import Moment
from service.credentials import Caller
from service.errors import Conflict
from service.events import emit
from service.ids import new_id
from service.preconditions import IfMatch


class ApprovalRequired(Conflict):
    """409: the map is published with approval only, and this content has none."""

    code, title = "approval_required", "The draft must be approved first."


@transaction.atomic(savepoint=False)
def review_draft(
    *,
    journey_map: JourneyMap,
    verdict: str,
    comment: str,
    caller: Caller,
    on_behalf_of: Mapping[str, str] | None = None,
    expected: IfMatch,
    at: datetime,
) -> Review:
    """Approve or reject the draft as it would be published now. Raises PreconditionFailed, NotFound."""
    draft = locked(journey_map, expected)
    row = Review.objects.create(
        id=new_id(),
        workspace_id=journey_map.workspace_id,
        journey_map=journey_map,
        revision=draft.revision,
        digest=Moment(journey_map, draft=draft).digest,
        verdict=verdict,
        comment=comment,
        author_id=caller.credential_id,
        author_name=caller.name,
        on_behalf_of=dict(on_behalf_of) if on_behalf_of else None,
        created_at=at,
    )
    told = {
        "journey_map": str(journey_map.pk),
        "review": str(row.id),
        "revision": row.revision,
        "verdict": verdict,
        "comment": comment,
        "author": {"id": str(caller.credential_id), "name": caller.name},
    }
    emit(workspace_id=journey_map.workspace_id, type="map.draft_reviewed", data=told, at=at)
    return row


def require_approval(journey_map: JourneyMap, version: Version) -> None:
    """Refuse a version that somebody else than its author has to approve first. Raises ApprovalRequired."""
    if not journey_map.requires_approval:
        return
    verdicts = queries.verdicts(journey_map, bytes(version.digest))
    verdicts.pop(version.author_id, None)
    if Review.Verdict.REJECT in verdicts.values():
        raise ApprovalRequired("It was rejected: let the reviewer approve it, or change it.")
    if Review.Verdict.APPROVE not in verdicts.values():
        raise ApprovalRequired("Nobody but who publishes it has approved what the draft says now.")
