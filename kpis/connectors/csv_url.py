"""`csv_url`: a table as CSV at a URL. Each row is a document: mappings need no `items`.

config: {"url": "https://…/export.csv", "delimiter": ";", "encoding": "windows-1252", "decimal": ",",
"dates": {"Datum": "DD.MM.YYYY"}}, beside what is sent with the call as for `http_json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpis.connectors.base import Connector, Fetched, Window
from kpis.connectors.calls import CallIn, Calls, check_call, filled
from kpis.connectors.tables import TableIn, rows
from service.outbound import OutboundSession


class CsvUrlConfigIn(CallIn, TableIn):
    """config of the type `csv_url`."""


async def fetch(
    config: Mapping[str, Any], secret: str | None, window: Window, outbound: OutboundSession
) -> Fetched:
    headers = {"Accept": "text/csv, */*;q=0.5", **config.get("headers", {})}
    calls = Calls(outbound, {**config, "headers": headers}, secret)
    return Fetched([(await calls.get(filled(config["url"], window))).body], window)


def read(config: Mapping[str, Any], fetched: Fetched) -> list[list[Any]]:
    return [rows(body, config) for body in fetched.parts]


CONNECTOR = Connector(CsvUrlConfigIn, fetch, read, check_call)
