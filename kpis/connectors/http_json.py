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


async def fetch(session: OutboundSession, config: Mapping[str, Any], secret: str | None) -> Any:
    """Return the parsed body with exact decimals. Raises PullFailed, which says if a retry is of use."""
    headers = {"Accept": "application/json", **config.get("headers", {})}
    if secret is not None:
        headers[config.get("secret_header", "Authorization")] = (
            config.get("secret_prefix", "Bearer ") + secret
        )
    try:
        reply = await session.fetch(
            "GET", config["url"], headers=headers, max_bytes=MAX_BYTES, deadline_s=DEADLINE_S
        )
    except OutboundError as error:
        raise PullFailed(f"{type(error).__name__}: {error}", permanent=error.permanent) from error
    if reply.status != 200:
        raise PullFailed(
            f"The source answered {reply.status}.",
            permanent=reply.status in {400, 401, 403, 404, 405, 410},
            retry_after=reply.headers.get("Retry-After"),
        )
    try:
        return loads(reply.body, exact=True)
    except BadRequest as error:
        raise PullFailed(f"The body is not JSON: {error.detail}", permanent=False) from error
