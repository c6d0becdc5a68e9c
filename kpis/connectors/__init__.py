"""Connectors by type. A new one touches its own file and this table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kpis.connectors import http_json
from kpis.connectors.base import PullFailed
from service.outbound import OutboundSession

Fetch = Callable[[OutboundSession, Mapping[str, Any], str | None], Awaitable[Any]]

CONNECTORS: dict[str, Fetch] = {"http_json": http_json.fetch}

__all__ = ["CONNECTORS", "Fetch", "PullFailed"]
