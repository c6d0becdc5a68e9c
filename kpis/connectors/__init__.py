"""Connectors by type. A new one touches its own file and this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpis.connectors import csv_url, google_sheet_csv, http_json, prometheus, sql
from kpis.connectors.base import Connector, Fetched, Onward, PullFailed, Window

CONNECTORS: Mapping[str, Connector] = MappingProxyType(
    {
        "csv_url": csv_url.CONNECTOR,
        "google_sheet_csv": google_sheet_csv.CONNECTOR,
        "http_json": http_json.CONNECTOR,
        "prometheus": prometheus.CONNECTOR,
        "sql": sql.CONNECTOR,
    }
)

__all__ = ["CONNECTORS", "Connector", "Fetched", "Onward", "PullFailed", "Window"]
