"""manage.py demo_feed --port N: serve the replayed figures on loopback, as a team's own system would."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from config.demo import place, replay


class Handler(BaseHTTPRequestHandler):
    """`GET /carers-allowance`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path != "/carers-allowance":
            self._answer(404, {"error": "There is only /carers-allowance."})
            return
        at = datetime.now(UTC)
        try:
            self._answer(200, replay.feed(place.began(at), at))
        except OperationalError:
            self._answer(503, {"error": "The database does not answer."})
        finally:
            connection.close()

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Pulls come every few seconds: the worker's log tells of them."""


class Command(BaseCommand):
    help = "Serve the demo's figures on loopback."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        server = ThreadingHTTPServer(("127.0.0.1", options["port"]), Handler)
        self.stdout.write(f"demo feed on 127.0.0.1:{server.server_port}")
        server.serve_forever()
