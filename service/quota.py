"""Token buckets in Valkey: how much of something may be asked of us at once, whichever process is asked.

A bucket holds `burst` tokens and fills at `rate` tokens a second. One script takes a token, by Valkey's own
clock, so processes need not agree on the time. Without Valkey everything is let pass: a limit protects the
service from some senders, and must not take it from all. That is counted, and the next try waits a few
seconds, so that a Valkey that hangs does not hold up each request.
"""

from __future__ import annotations

import logging
import time
from functools import cache
from math import ceil

import redis
from django.conf import settings

from service.telemetry import counter

log = logging.getLogger(__name__)
_unlimited = counter("quota_unlimited", "Requests let pass unasked, as Valkey did not answer.", ("quota",))
TIMEOUT_S = 0.25
PAUSE_S = 5.0
_TAKE = """
local now = redis.call('TIME')
local at = now[1] + now[2] / 1000000
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(held[1]) or burst) + (at - (tonumber(held[2]) or at)) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', at))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return tostring(wait)
"""
_silent_until = 0.0


def wait_for(quota: str, name: object, *, rate: float, burst: int) -> int:
    """Take a token of the bucket `name`; return 0, or in how many whole seconds there will be one."""
    global _silent_until
    if time.monotonic() < _silent_until:
        _unlimited.labels(quota).inc()
        return 0
    key = f"{settings.REDIS_PREFIX}quota:{quota}:{name}"
    try:
        wait = _client(settings.REDIS_URL, TIMEOUT_S).eval(_TAKE, 1, key, str(rate), str(burst))
    except redis.RedisError as failure:
        log.warning("no quota is kept, Valkey does not answer: %s", failure)
        _unlimited.labels(quota).inc()
        _silent_until = time.monotonic() + PAUSE_S
        return 0
    return ceil(float(wait))


@cache
def _client(url: str, timeout_s: float) -> redis.Redis:
    """One pool a process; redis-py opens another after a fork."""
    return redis.Redis.from_url(url, socket_connect_timeout=timeout_s, socket_timeout=timeout_s)
