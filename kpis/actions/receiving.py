"""Inside an inbound request: verify, store, acknowledge.

token → endpoint → verify the raw bytes → one row for each message in them (a repeat of its id is the same
row) → due → commit → 202. Where the secret is still awaited the request is held as it came, and verified once
the secret is there, by the clock of its arrival. Reading is the worker's part (kpis.actions.inbound).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Length

from kpis.models.inbound import InboundEndpoint, InboundEvent
from service.due import set_all_due
from service.errors import BadRequest, Gone, Unavailable
from service.ids import new_id
from service.providers.exchange import Exchange, Verdict
from service.providers.messages import Message, Reading
from service.providers.table import PROVIDERS, messages_of
from service.signing import InvalidSignature
from service.tenancy import advisory_lock
from service.vault import open_sealed, seal

DUE_KIND = "inbound"
MAX_HELD, MAX_HELD_BYTES = 1000, 16 * 1024 * 1024
MAX_HEADERS = 16 * 1024
# What proves nothing and need not be kept.
_PASSING = frozenset(("host", "cookie", "accept", "accept-encoding", "connection", "content-length"))


class HeldFull(Unavailable):
    """503, so that the sender tries again: nothing is lost."""

    code, title = "held_full", "This endpoint awaits its secret and can hold no more."


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a request. duplicates: messages in it that were here already."""

    messages: int
    duplicates: int
    held: bool = False


def receive(*, endpoint_id: uuid.UUID, exchange: Exchange, at: datetime) -> Received:
    """Verify and store the messages of a request in the caller's transaction, or hold it.

    Raises Gone for a disabled endpoint, InvalidSignature, HeldFull, and what `messages_of` raises for a body
    that cannot be read.
    """
    endpoint = open_endpoint(endpoint_id)
    if awaits_secret(endpoint):
        return _hold(endpoint, exchange, at)
    verdict, messages = opened(endpoint, exchange, at)
    return store(endpoint, messages, verdict, at=at, due_at=at)


def open_endpoint(endpoint_id: uuid.UUID) -> InboundEndpoint:
    """Return the endpoint of a token. Raises Gone for a disabled one."""
    endpoint = InboundEndpoint.objects.get(pk=endpoint_id)
    if not endpoint.enabled or endpoint.archived_at:
        raise Gone("This endpoint takes no more messages.", code="endpoint_disabled")
    return endpoint


def awaits_secret(endpoint: InboundEndpoint) -> bool:
    """Say whether messages can only be held yet."""
    return endpoint.secret is None and not PROVIDERS[endpoint.provider].secretless


def opened(endpoint: InboundEndpoint, exchange: Exchange, at: datetime) -> tuple[Verdict, list[Message]]:
    """Return what a request proves and the messages in it. at: when it came. Raises as `receive`."""
    provider = PROVIDERS[endpoint.provider]
    verdict = provider.verifier(endpoint.verification)(exchange, _live_secrets(endpoint, at), at.timestamp())
    if not verdict.accepted:
        raise InvalidSignature(verdict.reason)
    said = endpoint.event
    places = msgspec.convert(said, type=_Places) if said else None
    own = provider.reading
    reading = (
        None
        if places is None
        else Reading(
            own.form,
            own.only_form,
            places.id or own.id,
            (places.type,) if places.type else own.type,
            (places.time,) if places.time else own.time,
            own.many if places.batch is None else places.batch,
        )
    )
    return verdict, messages_of(provider, endpoint.envelope, reading, exchange, verdict)


class _Places(msgspec.Struct, frozen=True):
    """InboundEndpoint.event: where an endpoint's messages say what they are."""

    id: tuple[str, ...] = ()
    type: str = ""
    time: str = ""
    batch: bool | None = None


def store(
    endpoint: InboundEndpoint,
    messages: Sequence[Message],
    verdict: Verdict,
    *,
    at: datetime,
    due_at: datetime,
) -> Received:
    """Store what is not here yet and make it due. at: when it came."""
    rows = [
        InboundEvent(
            id=new_id(),
            workspace_id=endpoint.workspace_id,
            endpoint=endpoint,
            message_id=message.id,
            nonce=verdict.nonce,
            type=message.type,
            occurred_at=message.occurred_at,
            body=message.body,
            state="received",
            created_at=at,
        )
        for message in messages
    ]
    # By id, so that two requests with the same messages wait for each other in one order.
    rows.sort(key=lambda row: row.message_id)
    InboundEvent.objects.bulk_create(rows, ignore_conflicts=True)
    mine = {row.id for row in rows}
    new = set(InboundEvent.objects.filter(id__in=mine).values_list("id", flat=True))
    set_all_due(workspace_id=endpoint.workspace_id, kind=DUE_KIND, row_ids=new, due_at=due_at)
    return Received(len(rows), len(rows) - len(new))


def _hold(endpoint: InboundEndpoint, exchange: Exchange, at: datetime) -> Received:
    """Keep a request as it came, headers and address sealed. Raises HeldFull."""
    headers = {name: value for name, value in exchange.headers.items() if name not in _PASSING}
    request = msgspec.json.encode({"method": exchange.method, "url": exchange.url, "headers": headers})
    if len(request) > MAX_HEADERS:
        raise BadRequest(f"The headers have more than {MAX_HEADERS} bytes.")
    advisory_lock("held", endpoint.workspace_id, endpoint.id)
    held = InboundEvent.objects.filter(endpoint=endpoint, request__isnull=False)
    size = held.aggregate(bytes=Sum(Length("body")))["bytes"] or 0
    if held.count() >= MAX_HELD or size + len(exchange.body) > MAX_HELD_BYTES:
        raise HeldFull("Set the secret of the endpoint.", headers={"Retry-After": "600"})
    row = InboundEvent(
        id=new_id(),
        workspace_id=endpoint.workspace_id,
        endpoint=endpoint,
        message_id="held:" + hashlib.sha256(request + exchange.body).hexdigest(),
        request=seal(request.decode()),
        body=exchange.body,
        state="held",
        created_at=at,
    )
    InboundEvent.objects.bulk_create([row], ignore_conflicts=True)
    new = InboundEvent.objects.filter(id=row.id).exists()
    return Received(1, 0 if new else 1, held=True)


def held_exchange(event: InboundEvent) -> Exchange:
    """Return the request that a held row is."""
    assert event.request is not None
    told = msgspec.json.decode(open_sealed(event.request), type=_Request)
    return Exchange(bytes(event.body), told.headers, told.method, told.url)


class _Request(msgspec.Struct, frozen=True):
    method: str
    url: str
    headers: dict[str, str]


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
    sealed = [endpoint.secret] if endpoint.secret is not None else []
    if endpoint.previous_secret and endpoint.previous_expires_at and endpoint.previous_expires_at > at:
        sealed.append(endpoint.previous_secret)
    return [open_sealed(token) for token in sealed]
