"""Vocabularies of the workspace: its own, and others in the place of shipped ones."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from journeys import queries
from journeys.document.canonical import to_plain
from journeys.document.shipped import SHIPPED
from journeys.document.wording import KINDS, STAGES, VocabularyEntry
from journeys.models import Vocabulary
from journeys.queries.vocabularies import Effective
from service import resources
from service.errors import Conflict, Issue, PreconditionFailed, ValidationProblem
from service.preconditions import IfMatch
from service.resources import KeyTaken

MAX_VOCABULARIES = 100
_OWN = ("key", "kind")


class NotEditable(Conflict):
    code, title = "not_editable", "This vocabulary comes with the service as it is."


@transaction.atomic(savepoint=False)
def create_vocabulary(
    *, workspace_id: uuid.UUID, entry: VocabularyEntry, attributes: Mapping[str, str], at: datetime
) -> Effective:
    """Add a vocabulary of the workspace's own. Raises KeyTaken (a shipped one is changed, not added),
    LimitReached (`vocabularies`), ValidationProblem."""
    if entry.key in SHIPPED:
        raise KeyTaken(f"{entry.key!r} is shipped: change it there.")
    if entry.kind != STAGES:
        detail = f"There is one vocabulary of each kind but {STAGES!r}: change that one."
        raise ValidationProblem([Issue("/kind", "not_allowed", detail)])
    return _add(workspace_id, entry, attributes, at)


@transaction.atomic(savepoint=False)
def write_vocabulary(
    *,
    workspace_id: uuid.UUID,
    ref: str,
    entry: VocabularyEntry,
    attributes: Mapping[str, str],
    expected: IfMatch,
    at: datetime,
) -> Effective:
    """Make a vocabulary say what `entry` says; a shipped one is overridden. Versions keep their words.

    Raises NotFound, PreconditionFailed, NotEditable, ValidationProblem (another key or kind), LimitReached.
    """
    now = _editable(workspace_id, ref, expected)
    changed = [name for name in _OWN if getattr(entry, name) != getattr(now.entry, name)]
    if changed:
        detail = "This stays as it is: documents refer to it."
        raise ValidationProblem([Issue(f"/{name}", "read_only", detail) for name in changed])
    if now.row is None:
        if entry == now.entry and not attributes:
            return now
        try:
            return _add(workspace_id, entry, attributes, at)
        except KeyTaken:
            raise PreconditionFailed("Somebody else changed it meanwhile.") from None
    values = {"content": _content(entry), "attributes": dict(attributes)}
    return Effective(entry, resources.change(now.row, values, expected=expected, at=at))


@transaction.atomic(savepoint=False)
def archive_vocabulary(*, workspace_id: uuid.UUID, ref: str, expected: IfMatch, at: datetime) -> None:
    """Take the workspace's own away; the shipped one of its key, if any, holds again.

    Raises NotFound, NotEditable (as shipped), PreconditionFailed.
    """
    now = _editable(workspace_id, ref, expected)
    if now.row is None:
        raise NotEditable("It is as it was shipped: there is nothing of the workspace's to take away.")
    resources.archive(now.row, expected=expected, at=at)


def _editable(workspace_id: uuid.UUID, ref: str, expected: IfMatch) -> Effective:
    now = queries.vocabulary(workspace_id, ref)
    expected.check(now.etag)
    if now.entry.kind not in KINDS:
        raise NotEditable(f"A workspace changes vocabularies of the kinds {', '.join(KINDS)}.")
    return now


def _add(
    workspace_id: uuid.UUID, entry: VocabularyEntry, attributes: Mapping[str, str], at: datetime
) -> Effective:
    rows = Vocabulary.objects.filter(workspace_id=workspace_id, archived_at=None)
    resources.check_limit(rows, workspace_id=workspace_id, name="vocabularies", default=MAX_VOCABULARIES)
    row = Vocabulary(
        workspace_id=workspace_id,
        key=entry.key,
        kind=entry.kind,
        attributes=dict(attributes),
        content=_content(entry),
        created_at=at,
        updated_at=at,
    )
    return Effective(entry, resources.add(row))


def _content(entry: VocabularyEntry) -> dict[str, object]:
    return {name: value for name, value in to_plain(entry).items() if name not in _OWN}
