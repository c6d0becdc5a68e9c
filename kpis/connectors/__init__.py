"""Connectors by type. A new one touches its own file and this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpis.connectors import http_json
from kpis.connectors.base import Connector, Fetched, PullFailed, Window

CONNECTORS: Mapping[str, Connector] = MappingProxyType({"http_json": http_json.CONNECTOR})

__all__ = ["CONNECTORS", "Connector", "Fetched", "PullFailed", "Window"]
