"""Notices and silences: made, changed, archived. What they select by key becomes ids."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from journeys import queries as journeys
from kpis.actions.findings_silenced import appoint_silence
from kpis.actions.findings_told import Author
from kpis.models.notices import Notice, Silence
from kpis.queries import definitions, feeds, notices
from service import resources
from service.errors import Issue, NotFound, ValidationProblem
from service.preconditions import IfMatch

MAX_NOTICES = 200
MAX_SILENCES = 1000
LONGEST_SILENCE = timedelta(days=366)
_NOTICE = ("key", "attributes", "name", "enabled", "occasions", "tell")
_SILENCE = ("key", "attributes", "starts_at", "ends_at", "reason")
_WORDS = {"kpis": "KPI", "sources": "source", "journey_maps": "map"}


@transaction.atomic(savepoint=False)
def create_notice(*, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime) -> Notice:
    """Say who is told of which findings. Raises ValidationProblem, KeyTaken, LimitReached (`notices`)."""
    rows = notices.notices(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="notices", default=MAX_NOTICES)
    row = Notice(
        workspace_id=workspace_id,
        selector=_resolved(workspace_id, values["selector"], {}),
        created_at=at,
        updated_at=at,
        **{name: values[name] for name in _NOTICE if name in values},
    )
    return resources.add(row)


def change_notice(*, notice: Notice, values: Mapping[str, Any], expected: IfMatch, at: datetime) -> Notice:
    """Write the members of a notice. Raises ValidationProblem, PreconditionFailed, KeyTaken, NotFound."""
    found = {name: values.get(name) for name in _NOTICE}
    found["selector"] = _resolved(notice.workspace_id, values["selector"], notice.selector)
    return resources.change(notice, found, expected=expected, at=at)


@transaction.atomic(savepoint=False)
def create_silence(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], author: Author, at: datetime
) -> Silence:
    """Have nobody told for a while. values: as stored, starts_at None: now. Raises as `create_notice`."""
    rows = notices.silences(workspace_id)
    resources.check_limit(rows, workspace_id=workspace_id, name="silences", default=MAX_SILENCES)
    given = {name: values[name] for name in _SILENCE if name in values}
    given["starts_at"] = given.get("starts_at") or at
    _check_span(given)
    row = Silence(
        workspace_id=workspace_id,
        selector=_resolved(workspace_id, values["selector"], {}),
        author=author.id,
        author_name=author.name,
        created_at=at,
        updated_at=at,
        **given,
    )
    resources.add(row)
    appoint_silence(row, at=row.ends_at)
    return row


@transaction.atomic(savepoint=False)
def change_silence(
    *, silence: Silence, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> Silence:
    """Write the members of a silence. Raises ValidationProblem, PreconditionFailed, KeyTaken, NotFound."""
    found = {name: values.get(name) for name in _SILENCE}
    found["starts_at"] = found["starts_at"] or silence.starts_at
    _check_span(found)
    found["selector"] = _resolved(silence.workspace_id, values["selector"], silence.selector)
    changed = resources.change(silence, found, expected=expected, at=at)
    appoint_silence(changed, at=at)
    return changed


@transaction.atomic(savepoint=False)
def archive_silence(*, silence: Silence, expected: IfMatch, at: datetime) -> Silence:
    """End a silence; what it kept back and still holds is told. Raises PreconditionFailed, NotFound."""
    archived = resources.archive(silence, expected=expected, at=at)
    appoint_silence(archived, at=at)
    return archived


def _check_span(values: Mapping[str, Any]) -> None:
    if not values["starts_at"] < values["ends_at"] <= values["starts_at"] + LONGEST_SILENCE:
        detail = "A silence ends after it starts, and within 366 days of that."
        raise ValidationProblem([Issue("/ends_at", "out_of_range", detail)])


def _resolved(workspace_id: uuid.UUID, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a selector as stored: ids for keys, what it does not name left out. known: as stored before."""
    look: dict[str, Callable[[str], Any]] = {
        "kpis": lambda ref: definitions.kpi(workspace_id, ref),
        "sources": lambda ref: feeds.source(workspace_id, ref),
        "journey_maps": lambda ref: journeys.open_map(workspace_id, ref),
    }
    issues: list[Issue] = []
    stored: dict[str, Any] = {}
    for name, find in look.items():
        found = []
        for index, ref in enumerate(given.get(name) or ()):
            if ref in known.get(name, ()):  # it may be gone meanwhile
                found.append(ref)
                continue
            try:
                found.append(str(find(ref).id))
            except NotFound:
                detail = f"There is no {_WORDS[name]} {ref!r} here."
                issues.append(Issue(f"/selector/{name}/{index}", "unknown_reference", detail))
        stored[name] = list(dict.fromkeys(found))
    if issues:
        raise ValidationProblem(issues)
    stored["kinds"] = sorted(set(given.get("kinds") or ()))
    stored["labels"] = dict(given.get("labels") or {})
    stored["severity"] = given.get("severity") or "info"
    return stored
