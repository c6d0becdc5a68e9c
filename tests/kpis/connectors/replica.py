"""A real HTTP server on loopback that answers as a provider's documentation says, and what pulls from it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kpis.connectors import CONNECTORS, Fetched, Window
from kpis.connectors.mapping import Extract, extract
from service.outbound import OutboundSession, Policy
from service.serializers import checked

WINDOW = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Replica:
    """`answers` decides; `asked` keeps what came, in order."""

    answers: Callable[[Asked], Answer]
    base: str = ""
    asked: list[Asked] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextmanager
def replica(answers: Callable[[Asked], Answer]) -> Iterator[Replica]:
    running = Replica(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(split.query, True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, split.path, query, dict(self.headers), body)
            running.asked.append(asked)
            answer = running.answers(asked)
            sent = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who asked may be gone
                self.wfile.write(sent)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(
    type_: str, config: dict[str, Any], secret: str | None = None, window: Window = WINDOW
) -> tuple[Fetched, list[Any]]:
    """Pull as a worker does, with what the form makes of `config`; return what came and its documents."""
    connector = CONNECTORS[type_]
    config = checked(connector.config, config)
    connector.check(config, secret)

    async def pull() -> Fetched:
        async with OutboundSession(Policy(allow_loopback=True)) as outbound:
            return await connector.fetch(config, secret, window, outbound)

    found = asyncio.run(pull())
    return found, [document for part in connector.read(config, found) for document in part]


def mapped(mappings: list[dict[str, Any]], documents: list[Any]) -> Extract:
    return extract(mappings, *documents)
