"""Views of a place and their tokens, for the tests of what audiences see."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.kpis.live_maps import Place

BROWSER = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


def view_of(place: Place, **values: Any) -> Any:
    """Define a view of the place's map."""
    body = {"journey_map": str(place.map_id), "name": "Wall", **values}
    return place.call("POST", "/v1/views", body, status=201)


def token_of(place: Place, view: Any, **values: Any) -> Any:
    return place.call("POST", f"/v1/views/{view['id']}/tokens", {"name": "Board", **values}, status=201)


class Browser:
    """Opens a link as a browser does: takes the cookie, follows to the page."""

    def __init__(self, secret: str, suffix: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.first = self.client.get(f"/p/{secret}{suffix}", headers=BROWSER)
        self.cookie = str(self.first.get("Set-Cookie", "")).partition(";")[0]
        self.address = str(self.first.get("Location", ""))

    def get(self, path: str = "", **headers: str) -> Any:
        """Answer of an address below the view's own, or of the one that the link led to."""
        sent = BROWSER | {"Cookie": self.cookie} | {k.replace("_", "-"): v for k, v in headers.items()}
        where = path if path.startswith("/") else self.address + path
        return self.client.get(where, headers=sent)


def shown(place: Place, **values: Any) -> Browser:
    """Define a view, make a token of it, and open it."""
    return Browser(token_of(place, view_of(place, **values))["secret"])
