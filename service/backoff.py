"""When to try again: exponential backoff with jitter, and what a peer's Retry-After asks for. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A peer may ask for a pause of at most a day; more is a mistake or malice.
MAX_RETRY_AFTER_S = 86_400.0
_RESET = re.compile(r"(?:x-)?rate-?limit-(?:[a-z-]+-)?reset")
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
# No limit lasts for thirty years: as large a number is an instant.
_UNIX = 1e9


def delay_s(attempt: int, *, seed: str, base_s: float, cap_s: float, jitter: float = 0.2) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (1 is the first).

    `base_s` doubled with each attempt up to `cap_s`, then spread by ±`jitter` (0..1). The spread depends on
    `seed` and `attempt` alone: say the row's id, so that rows that failed together do not return together
    and a test, or a second worker, computes the same instant.
    """
    if attempt < 1 or base_s <= 0 or cap_s < base_s or not 0 <= jitter <= 1:
        raise ValueError("attempt starts at 1, 0 < base_s <= cap_s, 0 <= jitter <= 1")
    # 2**60 outgrows every cap; a counter that ran away must not overflow.
    grown: float = min(base_s * 2.0 ** min(attempt - 1, 60), cap_s)
    return grown * (1 + jitter * (2 * _fraction(f"{seed}:{attempt}") - 1))


def next_attempt_at(
    at: datetime,
    attempt: int,
    *,
    seed: str,
    base_s: float,
    cap_s: float,
    retry_after_s: float | None = None,
) -> datetime:
    """Return when to try again after attempt `attempt` failed at `at`: no sooner than the peer asked."""
    wait_s = delay_s(attempt, seed=seed, base_s=base_s, cap_s=cap_s)
    return at + timedelta(seconds=max(wait_s, retry_after_s or 0.0))


def parse_retry_after(value: str, at: datetime, *, cap_s: float = MAX_RETRY_AFTER_S) -> float | None:
    """Return the seconds from `at` that a Retry-After header asks for, 0..`cap_s`; None if it asks nothing.

    Takes both forms of RFC 9110 §10.2.3, delay-seconds and HTTP-date, and answers None for anything else:
    the header comes from a stranger.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        # A number of any length is at least this long; only its size matters.
        return min(float(text[:20]), cap_s)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:  # "-0000" and asctime: HTTP dates are in GMT by definition
        until = until.replace(tzinfo=UTC)
    return min(max((until - at).total_seconds(), 0.0), cap_s)


def asked_wait_s(headers: Mapping[str, str], at: datetime) -> float | None:
    """Return the seconds from `at` that a refusal asks to be left alone for; None if it asks nothing.

    Retry-After says it. Without one, what many vendors send in its place does: `X-RateLimit-Reset`, or one
    for each of several limits (`X-Ratelimit-App-Global-Day-Reset`), as seconds or as Unix time. A limit
    whose `…-Remaining` is not 0 is not the one that was reached. Names in any case.
    """
    if (retry_after := headers.get("Retry-After")) is not None:
        return parse_retry_after(retry_after, at)
    told = {name.lower(): value.strip() for name, value in headers.items()}
    waits = []
    for name, value in told.items():
        if _RESET.fullmatch(name) is None or _SECONDS.fullmatch(value) is None:
            continue
        if told.get(name.removesuffix("reset") + "remaining", "0") == "0":
            wait_s = float(value)
            waits.append(wait_s - at.timestamp() if wait_s >= _UNIX else wait_s)
    return min(max(*waits, 0.0), MAX_RETRY_AFTER_S) if waits else None


def _fraction(text: str) -> float:
    """Return a number in [0, 1) that `text` decides; not Python's hash, which differs between processes."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
