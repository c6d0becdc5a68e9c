"""Reviews of a draft: approved or rejected by somebody else than who wrote it and who publishes it.

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
    """Refuse a version that nobody approved but those who made it: who publishes it, or had a hand in it.

    Where both credentials act for persons, these are two persons as well. Raises ApprovalRequired.
    """
    if not journey_map.requires_approval:
        return
    reviews = queries.last_reviews(journey_map, bytes(version.digest))
    others = [review for review in reviews if review.author_id != version.author_id]
    if any(review.verdict == Review.Verdict.REJECT for review in others):
        raise ApprovalRequired("It was rejected: let the reviewer approve it, or change it.")
    hands = queries.hands_before(journey_map, version)
    approvals = [review for review in others if review.verdict == Review.Verdict.APPROVE]
    if any(
        review.author_id not in hands and not same_person(review.on_behalf_of, version.on_behalf_of)
        for review in approvals
    ):
        return
    if approvals:
        raise ApprovalRequired("Who approved it wrote at it, or is who publishes it: ask somebody else.")
    raise ApprovalRequired("Nobody but who publishes it has approved what the draft says now.")


def same_person(one: Mapping[str, str] | None, other: Mapping[str, str] | None) -> bool:
    """Say whether two credentials act for one person: by address where both have one, else by name."""
    if not one or not other:
        return False
    by = "email" if "email" in one and "email" in other else "name"
    return " ".join(one[by].split()).casefold() == " ".join(other[by].split()).casefold()
