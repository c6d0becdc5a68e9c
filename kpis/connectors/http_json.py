"""`http_json`: one GET, a JSON body, mappings.

config: {"url": "https://…", "headers": {"Accept": "…"}, "secret_header": "Authorization",
"secret_prefix": "Bearer "}. The secret itself is sealed apart and never in `config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpis.connectors.base import PullFailed
from service.errors import BadRequest
from service.outbound import OutboundError, OutboundSession
from service.strict_json import loads

DEADLINE_S = 20.0
MAX_BYTES = 10 * 1024 * 1024


def headers_of(config: Mapping[str, Any], secret: str | None) -> dict[str, str]:
    """Return the headers that are sent."""
    headers = dict(config.get("headers", {}))
    if not any(name.lower() == "accept" for name in headers):
        headers["Accept"] = "application/json"
    if secret is not None:
        name, prefix = config.get("secret_header", "Authorization"), config.get("secret_prefix", "Bearer ")
        headers[name] = prefix + secret
    return headers


async def fetch(session: OutboundSession, config: Mapping[str, Any], secret: str | None) -> bytes:
    """Return the body. Raises PullFailed, which says if a retry is of use."""
    try:
        reply = await session.fetch(
            "GET",
            config["url"],
            headers=headers_of(config, secret),
            max_bytes=MAX_BYTES,
            deadline_s=DEADLINE_S,
        )
    except OutboundError as error:
        raise PullFailed(f"{type(error).__name__}: {error}", permanent=error.permanent) from error
    if reply.status != 200:
        raise PullFailed(
            f"The source answered {reply.status}.",
            permanent=reply.status in {400, 401, 403, 404, 405, 410},
            retry_after=reply.headers.get("Retry-After"),
        )
    return reply.body


def read(body: bytes) -> Any:
    """Return the parsed body with exact decimals. Raises PullFailed."""
    try:
        return loads(body, exact=True)
    except BadRequest as error:
        raise PullFailed(f"The body is not JSON: {error.detail}", permanent=False) from error
