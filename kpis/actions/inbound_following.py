"""What messages lead to is fetched: a sender tells an id or URL alone and keeps the rest.

Nothing is locked and no transaction is open meanwhile. A document stays with its message, so that it is asked
for once and a message that is read again reads the same. What is not answered is asked for again later, no
sooner than its host says; a host has turns, and pauses, that all who call it share.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kpis.actions.asking import asking_session, looking_session
from kpis.connectors import PullFailed
from kpis.connectors.calls import Calls
from kpis.connectors.leads import Trail
from kpis.models.inbound import InboundEndpoint, InboundEvent
from service.errors import BadRequest
from service.outbound import Caller, HostTurns, OutboundSession, calling_for
from service.strict_json import loads
from service.vault import open_sealed

log = logging.getLogger(__name__)
OUR_FAULT = "The service failed at this fetch; its log says why."
# All documents of one message together.
MAX_BYTES = 1024 * 1024
# As long as a slice of messages waits for all that they lead to.
WAIT_S = 15.0
AT_ONCE = 32

Brought = Mapping[str, bytes] | PullFailed
"""By URL the documents that were asked for, or why one of them did not come."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be fetched for one message, as its endpoint says."""

    endpoint: InboundEndpoint
    urls: Sequence[str]


def trail_of(
    endpoint: InboundEndpoint, event: InboundEvent | None = None, more: Mapping[str, bytes] | None = None
) -> Trail | None:
    """Return what a message led to, and `more` that came just now; None where nothing is fetched."""
    if endpoint.fetch is None:
        return None
    kept = _kept(event) if event is not None else {}
    documents = {url: loads(bytes(body), exact=True) for url, body in {**kept, **(more or {})}.items()}
    return Trail(endpoint.fetch["url"], documents)


def keep(event: InboundEvent, brought: Mapping[str, bytes]) -> None:
    """Store documents with their message, beside those that it has, in the caller's transaction."""
    row = InboundEvent.objects.select_for_update().filter(pk=event.pk).first()
    if row is not None:
        raw = {url: msgspec.Raw(body) for url, body in {**_kept(row), **brought}.items()}
        row.followed = msgspec.json.encode(raw)
        row.save(update_fields=["followed"])


def _kept(event: InboundEvent) -> dict[str, bytes]:
    if event.followed is None:
        return {}
    return dict(msgspec.json.decode(bytes(event.followed), type=dict[str, msgspec.Raw]))


def documents_of(event: InboundEvent) -> dict[str, str]:
    """Return by URL what a message led to, as text."""
    return {url: bytes(body).decode() for url, body in _kept(event).items()}


def fetch_all(asked: Sequence[Asked], *, at: datetime, wait_s: float = WAIT_S) -> list[Brought]:
    """Return what came of each, side by side; what did not come in time failed. In no transaction."""

    async def work() -> list[Brought]:
        async with HostTurns() as turns, asking_session(turns, limit=AT_ONCE) as session:
            return await _fetch_all(session, asked, at, wait_s)

    return asyncio.run(work())


def look_at_all(asked: Sequence[Asked], *, at: datetime) -> list[Brought]:
    """Return the same for somebody who waits for it."""

    async def look() -> list[Brought]:
        async with looking_session() as session:
            return await _fetch_all(session, asked, at, WAIT_S)

    return asyncio.run(look())


async def _fetch_all(
    session: OutboundSession, asked: Sequence[Asked], at: datetime, wait_s: float
) -> list[Brought]:
    tasks = [asyncio.create_task(_fetch(session, one, at)) for one in asked]
    _, late = await asyncio.wait(tasks, timeout=wait_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [
        PullFailed(f"Not answered within {wait_s:g} s.", permanent=False)
        if task.cancelled()
        else task.result()
        for task in tasks
    ]


async def _fetch(session: OutboundSession, asked: Asked, at: datetime) -> Brought:
    endpoint = asked.endpoint
    brought: dict[str, bytes] = {}
    try:
        secret = None if endpoint.fetch_secret is None else open_sealed(bytes(endpoint.fetch_secret))
        calls = Calls(session, endpoint.fetch or {}, secret)
        with calling_for(Caller(str(endpoint.workspace_id), at)):
            for url in asked.urls:
                brought[url] = _checked((await calls.get(url)).body)
    except PullFailed as failure:
        return failure
    except Exception:
        # Of this message alone: the others of the slice have what they asked for.
        log.exception("fetch for inbound endpoint %s failed", endpoint.id)
        return PullFailed(OUR_FAULT, permanent=False)
    if sum(map(len, brought.values())) > MAX_BYTES:
        return PullFailed(f"What the message leads to has more than {MAX_BYTES} bytes.", permanent=True)
    return brought


def _checked(body: bytes) -> bytes:
    """Return a body that is JSON of UTF-8, as the service takes it. Raises PullFailed."""
    try:
        loads(body, exact=True)
    except BadRequest as error:
        raise PullFailed(f"The body is not JSON: {error.detail}", permanent=False) from error
    return body
