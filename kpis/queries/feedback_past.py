"""What people said as of an instant, in the words that were known at another.

Each of them is told once: by the words that stand, where these were known then, else by the former ones that
a correction took the place of. What was erased, or is too old to be kept, is in no answer about the past.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import F, Q, QuerySet

from kpis.models.feedback import Feedback, FormerFeedback
from kpis.queries.bindings_past import bindings_then
from kpis.queries.feedback import WORDS, Asked, keeping, narrowed
from kpis.queries.horizon import BeyondRetention
from kpis.queries.points_plan import Clocks
from kpis.series.live_parts import iso
from service.errors import NotFound
from service.pagination import Load, Place


class WordsBeyondRetention(BeyondRetention):
    title = "What people had said by then is no longer kept."


def refuse_forgotten(workspace_id: uuid.UUID, clocks: Clocks, *, at: datetime) -> None:
    """Raise WordsBeyondRetention where all that had been said by then is too old to be kept at `at`."""
    days = keeping(workspace_id).retention_days
    horizon = None if days is None else at - timedelta(days=days)
    if horizon is not None and clocks.known_by < horizon:
        raise WordsBeyondRetention(f"This workspace keeps what people said from {iso(horizon)} on.")


def feedback_then(workspace_id: uuid.UUID, asked: Asked, clocks: Clocks) -> Load:
    """Return what loads pages of what had been said by then; each filter speaks of then. They are not to be
    saved."""
    by = clocks.recorded_by
    own = Feedback.objects.filter(_known_for(by), workspace_id=workspace_id, erased_at=None)
    former = FormerFeedback.objects.filter(
        workspace_id=workspace_id, known_from__lte=by, known_to__gt=by
    ).select_related("feedback")
    if asked.external_id is not None:
        own = own.filter(external_id=asked.external_id)
        former = former.filter(feedback__external_id=asked.external_id)
    bound = bindings_then(workspace_id, clocks)
    own = narrowed(own.filter(observed_at__lte=clocks.as_of), asked, bound, "element_then")
    former = narrowed(former.filter(observed_at__lte=clocks.as_of), asked, bound, "element_then")

    def load(*, after: Place | None, backwards: bool, limit: int) -> Sequence[Feedback]:
        standing = _part(own, "", after, backwards, limit)
        told = (_in_words(one.feedback, one) for one in _part(former, "feedback__", after, backwards, limit))
        found = sorted(chain(standing, told), key=lambda one: (one.created_at, one.id), reverse=backwards)
        return found[:limit]

    return load


def as_known(row: Feedback, clocks: Clocks) -> Feedback:
    """Return it, with the words that were known then in the place of its own; it is not to be saved.

    Raises NotFound.
    """
    by = clocks.recorded_by
    if (row.corrected_at or row.created_at) > by:
        former = FormerFeedback.objects.filter(
            workspace_id=row.workspace_id, feedback=row, known_from__lte=by, known_to__gt=by
        ).first()
        if former is None:
            raise NotFound("Nothing of it was known then, or its words of then are no longer kept.")
        row = _in_words(row, former)
    if row.observed_at > clocks.as_of:
        raise NotFound("It had not been said by then.")
    return row


def _known_for(by: datetime) -> Q:
    """Those whose words stand since then or longer."""
    return Q(created_at__lte=by) & (Q(corrected_at=None) | Q(corrected_at__lte=by))


def _part(
    rows: QuerySet[Any, Any], of: str, after: Place | None, backwards: bool, limit: int
) -> Sequence[Any]:
    """The first so many rows after a place in the order of feedback. of: the path to it from the rows."""
    at, own = f"{of}created_at", f"{of}id"
    if after is not None:
        side = "lt" if backwards else "gt"
        later = Q(**{f"{at}__{side}": after.at})
        rows = rows.filter(later | Q(**{at: after.at, f"{own}__{side}": after.id}))
    order = (F(name).desc() if backwards else F(name).asc() for name in (at, own))
    return list(rows.order_by(*order)[:limit])


def _in_words(row: Feedback, former: FormerFeedback) -> Feedback:
    for name in WORDS:
        setattr(row, name, getattr(former, name))
    row.updated_at = former.known_from
    return row
