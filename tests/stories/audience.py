"""A page of another site that frames a view, and what a real browser does with it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.journeys.render.browser import Page


class Site:
    """Serves one page, under another name than the service's: to browsers, another site."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.origin = f"http://localhost:{server.server_port}"
        self.html = ""


@contextmanager
def other_site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site.html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def cookies(page: Page) -> list[dict[str, Any]]:
    page.call("Network.enable")
    found: list[dict[str, Any]] = page.call("Network.getAllCookies")["cookies"]
    return found


def picture(page: Page) -> bytes:
    """What the window shows, frames of other sites included."""
    return base64.b64decode(page.call("Page.captureScreenshot", format="png")["data"])
