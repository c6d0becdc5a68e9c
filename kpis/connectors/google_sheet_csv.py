"""`google_sheet_csv`: one sheet of a Google spreadsheet, published or shared with everyone who has the link.

config: {"url": "https://docs.google.com/spreadsheets/d/<id>/edit?gid=0#gid=0", "gid": 0, …} and how the
table is written, as for `csv_url`: Google writes cells as the sheet shows them. Any address of the sheet
will do; it is asked for as CSV at the export address of a shared sheet, at `pub` of a published one. Google
answers with a redirect to its content hosts, followed there and nowhere else; a private sheet leads to a
sign-in page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from yarl import URL

from kpis.connectors.base import Connector, Fetched, PullFailed, Window
from kpis.connectors.calls import Calls, PulledIn, check_url
from kpis.connectors.leads import joined
from kpis.connectors.tables import TableIn, rows
from service.fields import StrictChar, StrictInteger
from service.outbound import OutboundSession, Policy, Reply
from service.outbound.addresses import is_loopback

HOST = "docs.google.com"
CONTENT = ".googleusercontent.com"
MAX_HOPS = 4
_SHARED = re.compile(r"(?P<before>/spreadsheets)(?:/u/\d+)?/d/(?P<id>[A-Za-z0-9_-]{10,200})(?:/.*)?")
_PUBLISHED = re.compile(r"(?P<before>/spreadsheets)(?:/u/\d+)?/d/e/(?P<id>[A-Za-z0-9_-]{10,300})(?:/.*)?")
_PRIVATE = (
    "Google asks for a sign-in: the sheet is private. Share it with everyone who has the link, or publish it "
    "(File, Share, Publish to web)."
)


def export_url(url: str, gid: int | None) -> str:
    """Return where the sheet behind any of its addresses is had as CSV. Raises ValueError."""
    parsed = URL(url)
    target = Policy.from_settings().target(url)
    ours = target.literal is not None and is_loopback(target.literal)  # a replica, where the policy allows it
    if parsed.host != HOST and not ours:
        raise ValueError(f"The address of a sheet begins with https://{HOST}/spreadsheets/.")
    told = re.search(r"(?:^|&)gid=(\d{1,15})", f"{parsed.raw_query_string}&{parsed.raw_fragment}")
    number = str(gid) if gid is not None else told[1] if told else None
    if match := _PUBLISHED.fullmatch(parsed.path):
        query = {"output": "csv"} | ({"gid": number, "single": "true"} if number else {})
        return str(parsed.with_path(f"{match['before']}/d/e/{match['id']}/pub").with_query(query))
    if match := _SHARED.fullmatch(parsed.path):
        query = {"format": "csv"} | ({"gid": number} if number else {})
        return str(parsed.with_path(f"{match['before']}/d/{match['id']}/export").with_query(query))
    raise ValueError(f"The address of a sheet looks like https://{HOST}/spreadsheets/d/<id>/edit.")


class GoogleSheetCsvConfigIn(PulledIn, TableIn):
    """config of the type `google_sheet_csv`."""

    url = StrictChar(max_length=2000, help_text="As the browser shows it, or from Publish to web.")
    gid = StrictInteger(
        required=False, min_value=0, max_value=999_999_999_999, help_text="Which sheet; else as in the URL."
    )

    def validate_url(self, url: str) -> str:
        try:
            export_url(check_url(url), None)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="no_sheet") from error
        return url


def _no_secret(config: Mapping[str, Any], secret: str | None) -> None:
    if secret is not None:
        raise serializers.ValidationError({"secret": ["A sheet takes none."]}, code="no_secret")


async def fetch(
    config: Mapping[str, Any], secret: str | None, window: Window, outbound: OutboundSession
) -> Fetched:
    url = export_url(config["url"], config.get("gid"))
    origin = URL(url).origin()
    calls = Calls(outbound, {"headers": {"Accept": "text/csv"}}, None, anywhere=True)
    for _ in range(MAX_HOPS):
        reply = await calls.call("GET", url, also=frozenset({301, 302, 303, 307, 308, 401, 403}))
        if reply.status == 200 and not _is_page(reply):
            return Fetched([reply.body], window)
        if reply.status in {200, 401, 403}:
            raise PullFailed(_PRIVATE, permanent=True)
        url = joined(url, reply.headers.get("Location", ""))
        place = URL(url)
        if "ServiceLogin" in place.path or place.host == "accounts.google.com" or "/signin" in place.path:
            raise PullFailed(_PRIVATE, permanent=True)
        if place.origin() != origin and not (
            place.scheme == "https" and (place.host or "").endswith(CONTENT)
        ):
            raise PullFailed("Google leads on to a host that is not its own.", permanent=True)
    raise PullFailed("Google leads on and on.", permanent=False)


def _is_page(reply: Reply) -> bool:
    return reply.headers.get("Content-Type", "").strip().lower().startswith("text/html")


def read(config: Mapping[str, Any], fetched: Fetched) -> list[list[Any]]:
    return [rows(body, config) for body in fetched.parts]


CONNECTOR = Connector(GoogleSheetCsvConfigIn, fetch, read, _no_secret)
