"""CloudEvents 1.0 over HTTP, an envelope over any proof: structured, batch and binary.

Whatever the mode, a message's body is the event as structured JSON, so that rules read `$.data…` in all
three. Dedupe is by (source, id); in binary mode these stand in headers that few schemes sign, so an id that
the proof does cover (Standard Webhooks) goes before them.
Source: cloudevents/spec, bindings/http-protocol-binding.md, http-webhook.md.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from service.errors import BadRequest
from service.providers.exchange import Exchange, Verdict
from service.providers.messages import Message, Reading, split
from service.strict_json import loads

READING = Reading(id=("/source", "/id"), type=("/type",), time=("/time",))
_BATCH, _STRUCTURED = "application/cloudevents-batch+json", "application/cloudevents+json"
_REQUIRED = ("specversion", "id", "source", "type")
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,40}")


def messages_of(exchange: Exchange, verdict: Verdict) -> list[Message]:
    """Return the events of a request. Raises BadRequest for what is no CloudEvent, UnsupportedMediaType."""
    kind = exchange.media_type
    if kind == _BATCH:  # before the other, which it begins like
        found = split(exchange, replace(READING, many=True), Verdict())
    elif kind == _STRUCTURED:
        found = split(exchange, READING, Verdict())
    else:
        body = _from_headers(exchange)
        bare = Exchange(body, {"content-type": "application/json"})
        found = split(bare, READING, replace(verdict, nonce=""))
    for message in found:
        _check(loads(message.body))
    return found


def _check(event: Any) -> None:
    missing = [
        name for name in _REQUIRED if not isinstance(event, Mapping) or not isinstance(event.get(name), str)
    ]
    if missing or event["specversion"] != "1.0":
        raise BadRequest(f"No CloudEvent 1.0: it needs {', '.join(missing) or 'specversion 1.0'}.")


def _from_headers(exchange: Exchange) -> bytes:
    """Return a binary event as structured JSON; `data` stays as it was sent."""
    event: dict[str, Any] = {}
    for header, value in exchange.headers.items():
        name = header.removeprefix("ce-")
        if name == header:
            continue
        if not _ATTRIBUTE.fullmatch(name) or name in ("data", "database64"):
            raise BadRequest(f"The header {header[:60]} names no attribute.")
        try:
            event[name] = unquote_to_bytes(value).decode("utf-8")
        except ValueError:
            raise BadRequest(
                f"The header {header[:60]} is not UTF-8 when its percents are decoded."
            ) from None
    if exchange.media_type:
        event["datacontenttype"] = exchange.media_type
    if not exchange.body:
        return msgspec.json.encode(event)
    if exchange.media_type in ("", "application/json") or exchange.media_type.endswith("+json"):
        loads(exchange.body)
        return msgspec.json.encode(event | {"data": msgspec.Raw(exchange.body)})
    return msgspec.json.encode(event | {"data_base64": base64.b64encode(exchange.body).decode()})
