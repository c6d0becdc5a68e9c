"""Inbound endpoints: verify, store, acknowledge; then, in a worker, read by the rules.

Inside the request: token → endpoint, verify the raw bytes, insert the event (a repeat of its id is
the same row), make it due, commit, 202. In the worker: rules → readings, all in one transaction with
the end of the lease, so a killed worker repeats it and the readings count once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from kpis.actions.readings import Feed
from kpis.actions.readings_series import release_series
from kpis.actions.recording import preview, record_extract
from kpis.connectors.mapping import extract
from kpis.models.feeds import InboundEndpoint, InboundEvent
from service.backoff import next_attempt_at
from service.credentials import issue_credential, revoke_credential
from service.due import Claim, LeaseLost, claim_due, finish, postpone, set_due
from service.errors import Gone
from service.ids import new_id
from service.models import Credential
from service.preconditions import IfMatch
from service.resources import add, archive, change, check_limit
from service.signing import new_secret, verify
from service.strict_json import loads
from service.telemetry import counter
from service.tenancy import workspace_transaction
from service.vault import open_sealed, seal

log = logging.getLogger(__name__)
DUE_KIND = "inbound"
_events = counter("inbound_events", "Messages read by rules.", ("state",))
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
MAX_ENDPOINTS = 500
_SETTABLE = ("key", "attributes", "name", "scheme", "rules", "enabled")


@transaction.atomic
def create_endpoint(
    *, workspace_id: uuid.UUID, values: Mapping[str, Any], at: datetime
) -> tuple[InboundEndpoint, str, str]:
    """Create an endpoint; return it with its ingress token and signing secret, both shown once."""
    rows = InboundEndpoint.objects.filter(workspace_id=workspace_id, archived_at=None)
    check_limit(rows, workspace_id=workspace_id, name="inbound_endpoints", default=MAX_ENDPOINTS)
    secret = new_secret()
    stored = {name: values[name] for name in _SETTABLE if name in values}
    row = add(
        InboundEndpoint(
            id=new_id(),
            workspace_id=workspace_id,
            secret=seal(secret),
            created_at=at,
            updated_at=at,
            **stored,
        )
    )
    _, token = issue_credential(
        workspace_id=workspace_id, kind="ingress_token", name=row.name, scopes=[], target_id=row.id, at=at
    )
    return row, token, secret


@transaction.atomic
def change_endpoint(
    *, endpoint: InboundEndpoint, values: Mapping[str, Any], expected: IfMatch, at: datetime
) -> InboundEndpoint:
    """Replace the settings; changed rules get the next version. Raises PreconditionFailed."""
    stored = {"key": None} | {name: values[name] for name in _SETTABLE if name in values}
    if stored["rules"] != endpoint.rules:
        stored["rules_version"] = endpoint.rules_version + 1
    return change(endpoint, stored, expected=expected, at=at)


@transaction.atomic
def archive_endpoint(*, endpoint: InboundEndpoint, expected: IfMatch, at: datetime) -> None:
    """Take the endpoint out of use; its token is revoked. Raises PreconditionFailed."""
    release_series(workspace_id=endpoint.workspace_id, feed_id=endpoint.id)
    archive(endpoint, expected=expected, at=at)
    tokens = Credential.objects.filter(
        workspace_id=endpoint.workspace_id, target_id=endpoint.id, revoked_at=None
    )
    for token in tokens:
        revoke_credential(workspace_id=endpoint.workspace_id, credential_id=token.id, at=at)


@transaction.atomic
def rotate_secret(
    *, endpoint: InboundEndpoint, overlap: timedelta, expected: IfMatch, at: datetime
) -> tuple[InboundEndpoint, str]:
    """Give the endpoint a new signing secret; the former one verifies until the overlap ends."""
    secret = new_secret()
    values = {
        "secret": seal(secret),
        "previous_secret": bytes(endpoint.secret),
        "previous_expires_at": at + overlap,
    }
    return change(endpoint, values, expected=expected, at=at), secret


def receive(*, endpoint_id: uuid.UUID, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Verify and store a message in the caller's transaction; return whether it was here already.

    Raises Gone for a disabled endpoint, InvalidSignature, BadRequest for a body that is not JSON.
    """
    endpoint = InboundEndpoint.objects.get(pk=endpoint_id)
    if not endpoint.enabled or endpoint.archived_at:
        raise Gone("This endpoint takes no more messages.", code="endpoint_disabled")
    message_id = verify(body, headers, _live_secrets(endpoint, at), at.timestamp())
    loads(body)
    event = InboundEvent(
        id=new_id(),
        workspace_id=endpoint.workspace_id,
        endpoint=endpoint,
        message_id=message_id,
        body=body,
        state="received",
        created_at=at,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        return True
    set_due(workspace_id=event.workspace_id, kind=DUE_KIND, row_id=event.id, due_at=at)
    return False


def note_rejection(*, endpoint_id: uuid.UUID, reason: str, at: datetime) -> None:
    """Remember why a message was refused, at most once in ten seconds: a stranger must not write at will."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inbound_endpoint SET last_rejected_at = %(at)s, last_rejection = %(reason)s
            WHERE id = %(id)s AND (last_rejected_at IS NULL OR last_rejected_at < %(at)s - interval '10 s')
            """,
            {"at": at, "reason": reason[:300], "id": endpoint_id},
        )


def _live_secrets(endpoint: InboundEndpoint, at: datetime) -> list[str]:
    sealed = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_expires_at and endpoint.previous_expires_at > at:
        sealed.append(endpoint.previous_secret)
    return [open_sealed(bytes(token)) for token in sealed]


@transaction.atomic
def replay_event(*, event: InboundEvent, at: datetime) -> InboundEvent:
    """Read a stored message again, with the rules of now: the same readings correct, they do not double."""
    event.state, event.attempts, event.error = "received", 0, ""
    event.save(update_fields=["state", "attempts", "error"])
    set_due(workspace_id=event.workspace_id, kind=DUE_KIND, row_id=event.id, due_at=at)
    return event


def process_due_events(*, at: datetime, limit: int = 100) -> int:
    """Read up to `limit` stored messages by their endpoints' rules; return how many were claimed."""
    claims = claim_due(kind=DUE_KIND, limit=limit, lease=LEASE, at=at)
    for claim in claims:
        try:
            with workspace_transaction(claim.workspace_id):
                _process(claim, at)
        except LeaseLost:
            log.info("lease of inbound event %s ran out", claim.row_id)
        except Exception as error:
            # Whatever it is, the message is kept, tried again, and at last shown as dead.
            log.exception("inbound event %s failed", claim.row_id)
            _give_back(claim, error, at)
    return len(claims)


def _process(claim: Claim, at: datetime) -> None:
    event = InboundEvent.objects.select_related("endpoint").filter(pk=claim.row_id).first()
    if event is None:
        finish(claim, next_due_at=None)
        return
    endpoint = event.endpoint
    found = extract(endpoint.rules, loads(bytes(event.body), exact=True))
    for place, item in enumerate(found.items):
        if "observed_at" in item:
            # A single answer without an id of its own goes by its message, so that a replay repeats nothing.
            item.setdefault("external_id", f"{event.message_id}:{place}")
    feed = Feed(id=endpoint.id, cause=event.id, name=endpoint.name)
    recorded = record_extract(found, workspace_id=event.workspace_id, feed=feed, at=at)
    event.attempts = claim.attempts
    event.rules_version = endpoint.rules_version
    event.counts, event.issues, event.error = recorded.counts, recorded.issues, ""
    event.state = _state(found.items, recorded.refused)
    event.processed_at = at
    event.save()
    transaction.on_commit(_events.labels(event.state).inc)
    InboundEndpoint.objects.filter(pk=endpoint.pk).update(last_event_at=at)
    finish(claim, next_due_at=None)


def _state(items: list[dict[str, Any]], refused: int) -> str:
    if refused:
        return "failed"  # the issues say why; a replay after a change of rules reads it again
    return "processed" if items else "ignored"


def _give_back(claim: Claim, error: Exception, at: datetime) -> None:
    dead = claim.attempts >= MAX_ATTEMPTS
    try:
        with workspace_transaction(claim.workspace_id):
            InboundEvent.objects.filter(pk=claim.row_id).update(
                state="dead" if dead else "failed", attempts=claim.attempts, error=str(error)[:1000]
            )
            if dead:
                finish(claim, next_due_at=None)
            else:
                again = next_attempt_at(at, claim.attempts, seed=str(claim.row_id), base_s=5, cap_s=3600)
                postpone(claim, due_at=again)
    except LeaseLost:
        log.info("lease of inbound event %s ran out", claim.row_id)


def preview_rules(*, endpoint: InboundEndpoint, body: Any) -> dict[str, Any]:
    """Return what the endpoint's rules would record from `body`; nothing is stored."""
    return preview(extract(endpoint.rules, body))
