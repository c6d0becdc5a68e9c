"""How long what people said is kept, what is hidden of it, and how one of them is erased."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from kpis.actions.feedback_told import Moved
from kpis.models.feedback import Feedback, FeedbackSettings, FormerFeedback
from kpis.models.inbound import InboundEvent
from kpis.queries.feedback import Keeping, feedback, keeping
from kpis.series.exact import encode
from kpis.series.personal import KINDS, hidden
from service.credentials import Caller
from service.events import emit
from service.idempotency import void_answers
from service.models import Workspace
from service.preconditions import IfMatch, etag_of
from service.strict_json import loads
from service.tenancy import advisory_lock, workspace_transaction

FORGOTTEN_AT_ONCE = 1000
UNSAID = '"r0"'


@transaction.atomic(savepoint=False)
def erase_feedback(*, row: Feedback, caller: Caller, expected: IfMatch, at: datetime) -> None:
    """Take the words of one person out of the service; who erased it, and when, stays.

    What they were before they were corrected goes, too. Pinned quotes of it are items of documents, to be
    redacted there: the event names them.
    Raises PreconditionFailed, NotFound.
    """
    advisory_lock("feedback", row.workspace_id)
    row = feedback(row.workspace_id, row.id)
    expected.check(etag_of(row))
    moved = Moved(erased=True)
    moved.add(row, -1)
    former = FormerFeedback.objects.filter(workspace_id=row.workspace_id, feedback=row)
    _strip_message(row)
    for one in former:
        _strip_message(one)
    _forget_former(former, moved)
    row.text, row.channel, row.labels, row.hidden, row.digest = "", "", {}, [], b""
    row.score = row.sentiment = None
    row.erased_at = row.updated_at = at
    row.erased_by, row.erased_by_name = caller.credential_id, caller.name
    row.row_version += 1
    row.save()
    void_answers(workspace_id=row.workspace_id)
    told = {"feedback": str(row.id), "pins": row.pins}
    emit(workspace_id=row.workspace_id, type="feedback.erased", data=told, at=at)
    moved.tell(row.workspace_id)


def _forget_former(former: QuerySet[FormerFeedback, FormerFeedback], moved: Moved) -> int:
    """Delete words that were corrected since; maps that showed them tell others of the past."""
    rows = list(former)
    for one in rows:
        moved.add(one, 0)
    FormerFeedback.objects.filter(id__in=[one.id for one in rows]).delete()
    return len(rows)


def _strip_message(row: Feedback | FormerFeedback) -> None:
    """Take the words out of the stored message, too; its figures stay, so that a replay changes none."""
    if row.event_id is None:
        return
    event = InboundEvent.objects.select_for_update().filter(id=row.event_id).first()
    if event is not None and event.body_gone_at is None:
        text = hidden(row.text, KINDS)
        event.body = encode(_without(loads(bytes(event.body), exact=True), text))
        if event.followed is not None:
            event.followed = encode(_without(loads(bytes(event.followed), exact=True), text))
        event.save(update_fields=["body", "followed"])


def _without(node: Any, text: str) -> Any:
    """Return JSON without the texts that are this one once personal data is hidden."""
    if isinstance(node, dict):
        return {name: _without(value, text) for name, value in node.items()}
    if isinstance(node, list):
        return [_without(value, text) for value in node]
    return "" if isinstance(node, str) and hidden(node, KINDS) == text else node


@transaction.atomic(savepoint=False)
def change_keeping(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Keeping:
    """Say how long feedback is kept and what is hidden of it from now on. Raises PreconditionFailed."""
    advisory_lock("feedback", workspace_id)
    row = keeping(workspace_id).row
    expected.check(UNSAID if row is None else etag_of(row))
    if row is None:
        row = FeedbackSettings(workspace_id=workspace_id, row_version=0, created_at=at)
    row.retention_days, row.hide = values.get("retention_days"), values["hide"]
    row.row_version += 1
    row.updated_at = at
    row.save()
    return keeping(workspace_id)


def forget_feedback(*, at: datetime) -> int:
    """Delete what is older than its workspace keeps, tombstones and former words too; return how many.

    Piece by piece.
    """
    gone = 0
    for workspace_id in Workspace.objects.values_list("id", flat=True):
        while (deleted := _forget_some(workspace_id, at)) > 0:
            gone += deleted
    return gone


def _forget_some(workspace_id: uuid.UUID, at: datetime) -> int:
    with workspace_transaction(workspace_id):
        days = keeping(workspace_id).retention_days
        if days is None:
            return 0
        advisory_lock("feedback", workspace_id)
        old = Feedback.objects.filter(workspace_id=workspace_id, observed_at__lt=at - timedelta(days=days))
        rows = list(old.order_by("observed_at")[:FORGOTTEN_AT_ONCE])
        moved = Moved(erased=True)
        for row in rows:
            if row.erased_at is None:
                moved.add(row, -1)
        with_them = FormerFeedback.objects.filter(feedback__in=rows)
        alone = FormerFeedback.objects.filter(
            workspace_id=workspace_id, observed_at__lt=at - timedelta(days=days)
        )
        words = _forget_former(with_them, moved) + _forget_former(
            alone.order_by("observed_at")[:FORGOTTEN_AT_ONCE], moved
        )
        Feedback.objects.filter(id__in=[row.id for row in rows]).delete()
        moved.tell(workspace_id)
    return len(rows) + words
