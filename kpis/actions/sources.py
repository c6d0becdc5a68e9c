"""Sources: made, changed, archived. The schedule lives as a `due` row, so changing it moves the row."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kpis.actions.findings_sources import report_source
from kpis.actions.readings_series import release_series
from kpis.actions.stretches import forget_source
from kpis.models.sources import Source
from kpis.queries.pulled import Pulled
from service.due import drop_due, pull_forward, set_due
from service.errors import Conflict
from service.ids import new_id
from service.preconditions import IfMatch
from service.resources import add, archive, change, check_limit
from service.schedule import parse_schedule
from service.vault import seal

DUE_KIND = "source"
MAX_SOURCES = 10_000
# Slots that were missed before that are not caught up with: a backfill is for those.
CAUGHT_UP = timedelta(days=1)


class SourceDisabled(Conflict):
    code, title = "source_disabled", "The source is switched off: enable it first."


class SecretMissing(Conflict):
    code, title = "secret_missing", "The source came without its secret: set it first, or to null."


@transaction.atomic
def create_source(*, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime) -> Source:
    """Create a source that is due at once. Raises KeyTaken, LimitReached."""
    rows = Source.objects.filter(workspace_id=workspace_id, archived_at=None)
    check_limit(rows, workspace_id=workspace_id, name="sources", default=MAX_SOURCES)
    row = add(Source(id=new_id(), workspace_id=workspace_id, created_at=at, updated_at=at, **_stored(values)))
    _appoint(row, at)
    return row


@transaction.atomic
def change_source(*, source: Source, values: Mapping[str, Any], expected: IfMatch, at: datetime) -> Source:
    """Replace the settings; an enabled source is due at once. Raises PreconditionFailed."""
    stored = _stored(values)
    if "secret" in values:
        stored["needs_secret"] = False
    else:
        stored.pop("secret")
    row = change(source, stored, expected=expected, at=at)
    if row.row_version != source.row_version:
        forget_source(workspace_id=source.workspace_id, source_id=source.id)
        _appoint(row, at)
    return row


@transaction.atomic
def archive_source(*, source: Source, expected: IfMatch, at: datetime) -> None:
    """Stop pulling; another feed may take over its series. Raises PreconditionFailed."""
    # Series before the source's row, as a run locks them.
    release_series(workspace_id=source.workspace_id, feed_id=source.id)
    archive(source, expected=expected, at=at)
    forget_source(workspace_id=source.workspace_id, source_id=source.id)
    report_source(workspace_id=source.workspace_id, source_id=source.id, broken=False, at=at)
    drop_due(workspace_id=source.workspace_id, kind=DUE_KIND, row_id=source.id)


@transaction.atomic
def run_now(*, source: Source, at: datetime) -> None:
    """Make the source due now; a pull under way is the one. Raises SourceDisabled, SecretMissing."""
    if not source.enabled:
        raise SourceDisabled
    if source.needs_secret:
        raise SecretMissing
    pull_forward(workspace_id=source.workspace_id, kind=DUE_KIND, row_id=source.id, due_at=at)


@transaction.atomic
def close_circuit(*, source: Source, at: datetime) -> Source:
    """Ask the source again as if it had never failed, at once; its figures stay broken until it is well.

    Raises SourceDisabled, SecretMissing.
    """
    run_now(source=source, at=at)
    Source.objects.filter(pk=source.pk).update(failures=0, circuit_opened_at=None)
    source.refresh_from_db(fields=["failures", "circuit_opened_at"])
    return source


def asked_slot(source: Pulled, at: datetime) -> datetime:
    """Return the instant up to which a pull at `at` asks: now, or the first slot that was missed."""
    if source.catch_up == "latest" or source.pulled_to is None:
        return at
    return min(next_slot(source, max(source.pulled_to, at - CAUGHT_UP)), at)


def next_slot(source: Pulled, after: datetime) -> datetime:
    """Return the source's next slot; slots are spread by its id, so that sources do not stampede."""
    return parse_schedule(source.schedule, minimum_s=1, identity=source.id).next_after(after)


def _appoint(source: Source, at: datetime) -> None:
    if source.enabled and not source.needs_secret:
        set_due(workspace_id=source.workspace_id, kind=DUE_KIND, row_id=source.id, due_at=at)
    else:
        drop_due(workspace_id=source.workspace_id, kind=DUE_KIND, row_id=source.id)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    names = ("key", "attributes", "name", "type", "config", "mappings", "schedule", "enabled", "catch_up")
    stored = {"key": None} | {name: values[name] for name in names if name in values}
    secret = values.get("secret")
    return stored | {"secret": seal(secret) if secret is not None else None}
