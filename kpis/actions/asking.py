"""Asking sources: what one says of a window, many side by side, and a look at what one would bring.

Whoever asks takes turns with all others who call that host. Workers wait for theirs; a look, for which
somebody waits, is told when there is none: 503 with Retry-After.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from math import ceil
from typing import Any

from django.conf import settings

from kpis.actions.recording import preview
from kpis.actions.replies import read_source
from kpis.actions.runs import OUR_FAULT
from kpis.connectors import CONNECTORS, Fetched, PullFailed, Window
from kpis.connectors.calls import lookback_of, without
from kpis.connectors.mapping import Extract
from kpis.queries.pulled import Asked
from service.errors import Unavailable
from service.outbound import Caller, HostTurns, OutboundSession, Policy, calling_for
from service.vault import open_sealed

log = logging.getLogger(__name__)
SAMPLE_CHARS = 4_000
# How long a look waits for a turn, and how many calls it has under way.
PATIENCE_S, LOOKS = 5.0, 4
NOT_NOW = "The host asked for a pause, or has no turn for us: Retry-After says when to look again."


class NotAskedNow(Unavailable):
    """503: the host is not called now, as it asked for a pause or others have all its turns."""

    code, title = "host_not_asked", "The host is not asked now."

    def __init__(self, failure: PullFailed, at: datetime) -> None:
        wait_s = 1 if failure.held_until is None else ceil((failure.held_until - at).total_seconds())
        super().__init__(str(failure), headers={"Retry-After": str(max(wait_s, 1))})


def asking_session(turns: HostTurns, *, limit: int) -> OutboundSession:
    """Return a session for at most `limit` calls at a time, each with one of the turns that workers share."""
    return OutboundSession(
        Policy.from_settings(), limit=limit, limit_per_host=settings.OUTBOUND_HOST_CALLS, turns=turns
    )


@asynccontextmanager
async def looking_session() -> AsyncIterator[OutboundSession]:
    """Yield a session for a look that somebody waits for."""
    async with (
        HostTurns(patience_s=PATIENCE_S) as turns,
        asking_session(turns, limit=LOOKS) as session,
    ):
        yield session


async def ask_source(
    session: OutboundSession, source: Asked, window: Window, *, at: datetime
) -> Fetched | PullFailed:
    """Return what the source says of the window, or why it says nothing. Raises nothing.

    A pause that a host asks for holds for all sources of the workspace.
    """
    try:
        with calling_for(Caller(str(source.workspace_id), at)):
            return await _fetch(session, source, window)
    except PullFailed as failure:
        return failure
    except Exception:
        log.exception("could not fetch source %s", source.id)
        return PullFailed(OUR_FAULT, permanent=False, ours=True)


async def _fetch(session: OutboundSession, source: Asked, window: Window) -> Fetched:
    secret = open_sealed(bytes(source.secret)) if source.secret is not None else None
    return await CONNECTORS[source.type].fetch(source.config, secret, window, session)


def window_before(source: Asked, until: datetime) -> Window:
    """Return the time before `until` that the source looks back on."""
    return Window(until - lookback_of(source.config, CONNECTORS[source.type].lookback), until)


def preview_source(*, source: Asked, at: datetime) -> dict[str, Any]:
    """Fetch the source once and return what would be recorded; nothing is stored. Not in a transaction.

    Raises NotAskedNow.
    """

    secret = open_sealed(bytes(source.secret)) if source.secret is not None else ""

    async def fetch() -> Fetched:
        async with looking_session() as session:
            with calling_for(Caller(str(source.workspace_id), at)):
                return await _fetch(session, source, window_before(source, at))

    try:
        read = read_source(source, asyncio.run(fetch()))
    except PullFailed as failure:
        if failure.held_until is not None:
            raise NotAskedNow(failure, at) from failure
        shown = preview(Extract(), workspace_id=source.workspace_id, at=at, error=str(failure))
        return {**shown, "documents": 0, "sample": ""}
    shown = preview(read.found, workspace_id=source.workspace_id, at=at)
    return {**shown, "documents": read.documents, "sample": without(_shown(read.shown), secret)}


def _shown(documents: list[Any]) -> str:
    """The first documents as JSON, cut short, for those who write mappings."""
    return json.dumps(documents, default=str, ensure_ascii=False)[:SAMPLE_CHARS]
