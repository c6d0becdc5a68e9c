"""Connectors by type. A new one touches its own file and this table."""

from __future__ import annotations

from kpis.connectors import http_json
from kpis.connectors.base import Connector, PullFailed

CONNECTORS: dict[str, Connector] = {"http_json": Connector(http_json.fetch, http_json.read)}

__all__ = ["CONNECTORS", "Connector", "PullFailed"]
