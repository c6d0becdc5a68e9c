"""A real HTTP peer on loopback: what a source pulls from."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Peer:
    """Answers GET with `status`, `headers` and `content` (JSON, or bytes as they are).

    `asked` keeps what it was asked. Paths that begin with `/slow` are answered when `lets_go` is set.
    """

    def __init__(self) -> None:
        self.status, self.headers, self.content = 200, {}, {}
        self.asked: list[dict[str, str]] = []
        self.lets_go = threading.Event()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                peer.asked.append({"path": self.path, **dict(self.headers)})
                if self.path.startswith("/slow"):
                    peer.lets_go.wait(60)
                body = peer.content if isinstance(peer.content, bytes) else json.dumps(peer.content).encode()
                self.send_response(peer.status)
                for name, value in {"Content-Type": "application/json", **peer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who asked may be gone
                    self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.base}/figures"

    content: Any
    headers: dict[str, str]


@contextmanager
def running_peer() -> Iterator[Peer]:
    peer = Peer()
    thread = threading.Thread(target=peer.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.lets_go.set()
        peer.server.shutdown()
        peer.server.server_close()
        thread.join()
