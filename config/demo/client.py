"""A client of our own API, as small as one can be: what the demo knows of the service is its contract."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class Refused(Exception):
    """The service answered with a problem."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body[:2000]}")
        self.status = status


class Api:
    """Calls `base_url` with an API key."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url, self.key = base_url.rstrip("/"), key

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the parsed answer. Raises Refused."""
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        request = urllib.request.Request(
            self.base_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=sent,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode()) from error
        return json.loads(content) if content else None


def post_signed(url: str, message_id: str, body: bytes, headers: dict[str, str]) -> int:
    """Post a signed message and return the status. Raises Refused, OSError."""
    request = urllib.request.Request(
        url,
        method="POST",
        data=body,
        headers={"Content-Type": "application/json", "webhook-id": message_id, **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read().decode()) from error
