"""What people said is recorded: once, where it belongs, without personal data."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import transaction

from kpis.actions.feedback_places import Place, Places
from kpis.actions.feedback_told import Moved
from kpis.models.feedback import Feedback, FormerFeedback
from kpis.queries.feedback import WORDS, keeping
from kpis.series.exact import encode
from kpis.series.labels import check_labels
from kpis.series.personal import hidden
from service.errors import Issue
from service.ids import new_id
from service.models import Workspace
from service.tenancy import advisory_lock

AHEAD = timedelta(minutes=5)
CONFLICTS = frozenset({"external_id_taken", "erased"})
_WRITTEN = (
    "subject", "journey_map_id", "element_id", "kpi_id", "event_id", "digest", "text", "hidden", "score",
    "sentiment", "channel", "labels", "solicited", "observed_at", "row_version", "updated_at", "corrected_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: created, duplicate, corrected or refused, with what is wrong with it."""

    index: int
    status: str
    row: Feedback | None = None
    issues: tuple[Issue, ...] = ()


@transaction.atomic(savepoint=False)
def record_feedback(
    *,
    workspace_id: uuid.UUID,
    items: Sequence[Mapping[str, Any]],
    correct: bool,
    at: datetime,
    origin: uuid.UUID | None = None,
) -> list[Outcome]:
    """Record what was said; one outcome per item, in their order.

    items: text, and as far as told score, sentiment, channel, journey_map, element, kpi (ids or keys),
    labels, observed_at (left out: at), external_id, solicited, event_id. correct: another payload under a
    known external id takes its place, else it is refused. A repeat within one batch is one, too.
    """
    look = Places(workspace_id)
    history_from = Workspace.objects.values_list("history_from", flat=True).get(pk=workspace_id)
    hide = keeping(workspace_id).hide
    advisory_lock("feedback", workspace_id)
    known = _known(workspace_id, origin, items)
    outcomes: list[Outcome] = []
    created: list[Feedback] = []
    former_words: list[FormerFeedback] = []
    moved = Moved()
    for index, item in enumerate(items):
        issues = [*look.issues(item), *_wrong(item, history_from, at)]
        if issues:
            outcomes.append(Outcome(index, "refused", issues=tuple(issues)))
            continue
        row = _row(workspace_id, origin, item, look.place(item), hide, at)
        former = known.get(row.external_id) if row.external_id is not None else None
        if former is None:
            created.append(row)
            moved.add(row, 1)
            if row.external_id is not None:
                known[row.external_id] = row
            outcomes.append(Outcome(index, "created", row))
        else:
            outcomes.append(_again(index, former, row, correct, moved, former_words))
    changed = {one.row.id: one.row for one in outcomes if one.status == "corrected" and one.row}
    fresh = {row.id for row in created}
    Feedback.objects.bulk_create(created)
    Feedback.objects.bulk_update([row for row in changed.values() if row.id not in fresh], _WRITTEN)
    FormerFeedback.objects.bulk_create(former_words)
    moved.tell(workspace_id)
    return outcomes


def _wrong(item: Mapping[str, Any], history_from: datetime, at: datetime) -> Iterable[Issue]:
    yield from check_labels(item.get("labels") or {})
    observed_at = item.get("observed_at")
    if observed_at is not None and observed_at > at + AHEAD:
        yield Issue("/observed_at", "in_the_future", "It cannot have been said more than 5 minutes ahead.")
    if observed_at is not None and observed_at < history_from:
        detail = f"The workspace's history begins at {history_from.isoformat()}."
        yield Issue("/observed_at", "before_history", detail)


def _known(
    workspace_id: uuid.UUID, origin: uuid.UUID | None, items: Sequence[Mapping[str, Any]]
) -> dict[str, Feedback]:
    ids = {item["external_id"] for item in items if item.get("external_id")}
    if not ids:
        return {}
    rows = Feedback.objects.filter(workspace_id=workspace_id, origin=origin, external_id__in=ids)
    return {row.external_id: row for row in rows if row.external_id is not None}


def _row(
    workspace_id: uuid.UUID,
    origin: uuid.UUID | None,
    item: Mapping[str, Any],
    place: Place,
    hide: Sequence[str],
    at: datetime,
) -> Feedback:
    told = {name: item.get(name) for name in ("score", "sentiment", "solicited", "text")}
    told |= {"channel": item.get("channel") or "", "labels": item.get("labels") or {}}
    named = [place.journey_map, place.element, place.kpi, item.get("observed_at")]
    text = hidden(item["text"], hide)
    found = [kind for kind in hide if text.count(f"[{kind}]") > item["text"].count(f"[{kind}]")]
    return Feedback(
        id=new_id(),
        workspace_id=workspace_id,
        origin=origin,
        subject=place.subject,
        journey_map_id=place.journey_map,
        element_id=place.element,
        kpi_id=place.kpi,
        external_id=item.get("external_id"),
        event_id=item.get("event_id"),
        digest=blake2b(encode([told, named]), digest_size=32).digest(),
        hidden=found,
        observed_at=item.get("observed_at") or at,
        created_at=at,
        updated_at=at,
        **(told | {"text": text}),
    )


def _again(
    index: int, former: Feedback, row: Feedback, correct: bool, moved: Moved, words: list[FormerFeedback]
) -> Outcome:
    """Something under an external id that is known. words: gets what a correction takes the place of."""
    if former.erased_at is not None:
        detail = "What was said under this external id was erased; it does not come back."
        return Outcome(index, "refused", issues=(Issue("/external_id", "erased", detail),))
    if bytes(former.digest) == row.digest:
        return Outcome(index, "duplicate", former)
    if row.origin is not None and row.observed_at < former.observed_at:
        return Outcome(index, "duplicate", former)  # messages arrive in any order: the latest counts
    if not correct:
        detail = "Something else is known under this external id; on_conflict=correct takes this instead."
        return Outcome(index, "refused", former, (Issue("/external_id", "external_id_taken", detail),))
    moved.add(former, -1)
    if (since := former.corrected_at or former.created_at) < row.updated_at:
        words.append(_former(former, since, row.updated_at))
    for name in _WRITTEN:
        if name not in ("row_version", "corrected_at"):
            setattr(former, name, getattr(row, name))
    former.row_version += 1
    former.corrected_at = row.updated_at
    moved.add(former, 1)
    return Outcome(index, "corrected", former)


def _former(row: Feedback, known_from: datetime, known_to: datetime) -> FormerFeedback:
    """Return what `row` says as what it said until `known_to`."""
    told = {name: getattr(row, name) for name in (*WORDS, "workspace_id", "subject", "event_id")}
    return FormerFeedback(id=new_id(), feedback_id=row.id, known_from=known_from, known_to=known_to, **told)
