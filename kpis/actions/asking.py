"""Asking sources: what one says of a window, many side by side, and a look at what one would bring."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

from django.conf import settings

from kpis.actions.recording import preview
from kpis.actions.runs import OUR_FAULT, read_source
from kpis.connectors import CONNECTORS, Fetched, PullFailed, Window
from kpis.connectors.calls import lookback_of, without
from kpis.connectors.mapping import Extract
from kpis.queries.pulled import Asked
from service.outbound import Caller, HostTurns, OutboundSession, Policy, calling_for
from service.vault import open_sealed

log = logging.getLogger(__name__)
SAMPLE_CHARS = 4_000


def asking_session(turns: HostTurns, *, limit: int) -> OutboundSession:
    """Return a session for at most `limit` calls at a time, each with one of the turns that workers share."""
    return OutboundSession(
        Policy.from_settings(), limit=limit, limit_per_host=settings.OUTBOUND_HOST_CALLS, turns=turns
    )


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
        return PullFailed(OUR_FAULT, permanent=False)


async def _fetch(session: OutboundSession, source: Asked, window: Window) -> Fetched:
    secret = open_sealed(bytes(source.secret)) if source.secret is not None else None
    return await CONNECTORS[source.type].fetch(source.config, secret, window, session)


def window_before(source: Asked, until: datetime) -> Window:
    """Return the time before `until` that the source looks back on."""
    return Window(until - lookback_of(source.config, CONNECTORS[source.type].lookback), until)


def preview_source(*, source: Asked, at: datetime) -> dict[str, Any]:
    """Fetch the source once and return what would be recorded; nothing is stored. Not in a transaction."""

    secret = open_sealed(bytes(source.secret)) if source.secret is not None else ""

    async def fetch() -> Fetched:
        async with OutboundSession(Policy.from_settings()) as session:
            return await _fetch(session, source, window_before(source, at))

    try:
        found, documents = read_source(source, asyncio.run(fetch()))
    except PullFailed as failure:
        return {**preview(Extract(), error=str(failure)), "documents": 0, "sample": ""}
    return {**preview(found), "documents": len(documents), "sample": without(_shown(documents[:3]), secret)}


def _shown(documents: list[Any]) -> str:
    """The first documents as JSON, cut short, for those who write mappings."""
    return json.dumps(documents, default=str, ensure_ascii=False)[:SAMPLE_CHARS]
