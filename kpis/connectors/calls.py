"""The HTTP calls of one pull: what is sent with each, and what they may cost together.

A pull of many calls (pages, follow-ups) has one budget of time and bytes; who reads pages ends the pull when
about half of it is spent and goes on in the next. A source that asks for a short wait gets it; a longer one
ends the pull, and the run is tried again when the source says.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from rest_framework import serializers
from yarl import URL

from kpis.connectors.base import PullFailed, Window, not_called, written
from kpis.connectors.fields import DurationField
from service.backoff import asked_wait_s
from service.errors import BadRequest
from service.fields import StrictBoolean, StrictChar
from service.outbound import OutboundError, OutboundSession, Policy, Reply
from service.outbound.policy import check_headers
from service.schedule import duration_s
from service.serializers import Part
from service.strict_json import loads

CALL_S = 20.0
TOTAL_S = 22.0
MAX_BYTES = 10 * 1024 * 1024  # of one answer
# After so many seconds or bytes no further page is asked for, so that any of 10 MiB may follow before.
SPENT_S, SPENT_BYTES = 12.0, 5 * 1024 * 1024
TOTAL_BYTES = MAX_BYTES + SPENT_BYTES
MAX_WAIT_S = 5.0
LEAST_SECRET = 6  # what is shorter would blot out ordinary words
_GIVES_UP = frozenset({400, 401, 403, 404, 405, 410, 422})
_PLACE = re.compile(r"\{([a-z_]*)\}")


def placeholders(window: Window) -> dict[str, str]:
    """What a URL may name of the time that is asked about."""
    return {
        "start": written(window.start),
        "end": written(window.end),
        "start_date": window.start.astimezone(UTC).date().isoformat(),
        "end_date": window.end.astimezone(UTC).date().isoformat(),
        "start_epoch": str(int(window.start.timestamp())),
        "end_epoch": str(int(window.end.timestamp())),
    }


def filled(url: str, window: Window) -> str:
    """Return `url` with its placeholders filled in. Raises KeyError with an unknown one."""
    known = placeholders(window)
    return _PLACE.sub(lambda match: known[match[1]], url)


def check_url(url: str) -> str:
    """Refuse at once what would be refused at each pull; names are asked for only then."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        Policy.from_settings().target(filled(url, Window(now, now)))
    except OutboundError as error:
        raise serializers.ValidationError(str(error), code=error.code) from error
    except KeyError as error:
        known = ", ".join("{" + name + "}" for name in placeholders(Window(now, now)))
        raise serializers.ValidationError(
            f"{{{error.args[0]}}} is not filled in: a URL may hold {known}.", code="unknown_placeholder"
        ) from error
    return url


class PulledIn(Part):
    """What every source may be told."""

    lookback = DurationField(
        required=False, help_text="How far back a pull asks (P7D), as figures are corrected later."
    )


class SentIn(Part):
    """What is sent with every call."""

    headers = serializers.DictField(child=StrictChar(max_length=500), required=False, default=dict)
    secret_header = StrictChar(required=False, max_length=100)
    secret_prefix = StrictChar(required=False, max_length=50, allow_blank=True)
    basic_auth = StrictBoolean(
        required=False, help_text="The secret is user:password, sent as RFC 7617 says."
    )


class CallIn(SentIn, PulledIn):
    """What is called, and what is sent with it."""

    url = StrictChar(
        max_length=2000, help_text="May hold {start}, {end}, {start_date}, {end_date}, {start_epoch}, …"
    )

    def validate_url(self, url: str) -> str:
        return check_url(url)


def headers_of(config: Mapping[str, Any], secret: str | None) -> dict[str, str]:
    """Return the headers that are sent."""
    headers = dict(config.get("headers", {}))
    if not any(name.lower() == "accept" for name in headers):
        headers["Accept"] = "application/json"
    if secret is not None and config.get("basic_auth"):
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    elif secret is not None:
        name, prefix = config.get("secret_header", "Authorization"), config.get("secret_prefix", "Bearer ")
        headers[name] = prefix + secret
    return headers


def check_call(config: Mapping[str, Any], secret: str | None) -> None:
    """Raise ValidationError unless the headers may be sent."""
    try:
        check_headers(headers_of(config, "x" if secret is None else secret))
    except OutboundError as error:
        place = "config" if secret is None else "secret"
        raise serializers.ValidationError({place: [str(error)]}, code=error.code) from error


class Calls:
    """The calls of one pull, one after the other or a few at a time. All raise PullFailed."""

    def __init__(
        self,
        outbound: OutboundSession,
        config: Mapping[str, Any],
        secret: str | None,
        *,
        anywhere: bool = False,
    ) -> None:
        """anywhere: the caller judges which hosts may be called; there is no secret then."""
        self._outbound = outbound
        self._headers = headers_of(config, secret)
        self._hidden = [secret or "", self._headers.get("Authorization", "").rpartition(" ")[2]]
        self._anywhere = anywhere and secret is None
        self._origin: URL | None = None
        self._until: float | None = None  # runs from the first call that had its turn
        self._bytes = TOTAL_BYTES

    @property
    def spent(self) -> bool:
        """Whether a further page is better left to the next pull."""
        late = self._until is not None and time.monotonic() > self._until - TOTAL_S + SPENT_S
        return late or self._bytes < TOTAL_BYTES - SPENT_BYTES

    async def get(self, url: str) -> Reply:
        return await self.call("GET", url)

    async def call(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        also: frozenset[int] = frozenset(),
    ) -> Reply:
        """Return an answer of status 200, or one of `also`.

        The secret goes to the host of the first call alone.
        """
        self._same_host(url)
        sent = {**self._headers, **(headers or {})}
        reply = await self._once(method, url, body, sent)
        if (wait_s := self._wait_s(reply)) is not None:
            await asyncio.sleep(wait_s)
            reply = await self._once(method, url, body, sent)
        if reply.status != 200 and reply.status not in also:
            raise PullFailed(
                f"The source answered {reply.status}.{without(reason_of(reply), *self._hidden)}",
                permanent=reply.status in _GIVES_UP,
                retry_after=None if (wait_s := _asked_s(reply)) is None else str(ceil(wait_s)),
            )
        return reply

    async def _once(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        left_s = CALL_S if self._until is None else min(CALL_S, self._until - time.monotonic())
        if left_s <= 0:
            raise PullFailed(f"Not read in full within {TOTAL_S:g} s: ask for less.", permanent=False)
        try:
            most = min(MAX_BYTES, max(self._bytes, 1))
            reply = await self._outbound.fetch(
                method, url, headers=headers, body=body, max_bytes=most, deadline_s=left_s
            )
        except OutboundError as error:
            raise not_called(error) from error
        if self._until is None:
            self._until = time.monotonic() - reply.elapsed_s + TOTAL_S
        self._bytes -= len(reply.body)
        if self._bytes < 0:
            raise PullFailed(f"More than {TOTAL_BYTES} bytes in all: ask for less.", permanent=True)
        return reply

    def _wait_s(self, reply: Reply) -> float | None:
        """Return the seconds of a wait that is asked for and short, None for all else."""
        wait_s = _asked_s(reply)
        if wait_s is None or wait_s > MAX_WAIT_S:
            return None
        return wait_s if time.monotonic() + wait_s < (self._until or 0) else None

    def _same_host(self, url: str) -> None:
        try:
            origin = URL(url).origin()
        except ValueError as error:
            raise PullFailed("The source leads to what is no URL.", permanent=True) from error
        if self._origin is None:
            self._origin = origin
        if origin != self._origin and not self._anywhere:
            raise PullFailed(
                f"The source leads on to {str(origin)[:200]}: only its own host is called.", permanent=True
            )


def _asked_s(reply: Reply) -> float | None:
    """Return the seconds that a refusal asks to wait."""
    return asked_wait_s(reply.headers, datetime.now(UTC)) if reply.status in {429, 503} else None


def reason_of(reply: Reply) -> str:
    """What an error's body says, where it says it in JSON: its first short text, as vendors name it."""
    if not reply.headers.get("Content-Type", "").partition(";")[0].strip().endswith("json"):
        return ""
    try:
        body = loads(reply.body[:20_000])
    except BadRequest:
        return ""
    for name in ("error", "errors", "message", "detail", "description", "title"):
        said = body.get(name) if isinstance(body, dict) else None
        said = said[0] if isinstance(said, list) and said else said
        said = said.get("message") if isinstance(said, dict) else said
        if isinstance(said, str) and said:
            return f" It says: {said[:300]}"
    return ""


def without(text: str, *secrets: str) -> str:
    """Return `text` without what a source may have echoed of what it was sent."""
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            text = text.replace(secret, "…")
    return text


def lookback_of(config: Mapping[str, Any], default: timedelta) -> timedelta:
    """How far back a pull of this source asks."""
    seconds = duration_s(config.get("lookback"))
    return default if seconds is None else timedelta(seconds=seconds)
