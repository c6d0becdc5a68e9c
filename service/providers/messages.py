"""From a request to the messages in it: one, or as many as a batch holds, each with id, type, time and JSON.

Where these stand is said by places: JSON Pointers (RFC 6901) into one message, or `header:Name`. Messages
keep the bytes that were sent; only forms are written anew, as JSON.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from service.errors import BadRequest, TooLarge
from service.providers.exchange import Exchange, Verdict
from service.strict_json import loads

MAX_MESSAGES = 5_000
MAX_ID, MAX_TYPE = 255, 100
_MILLISECONDS = 100_000_000_000
_PLACE = re.compile(r"(/([^~]|~[01])*|header:[A-Za-z0-9-]{1,100})")
_KEYS = re.compile(r"[^\[\]]+")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened. id: the same in every attempt to tell it. body: JSON as sent."""

    id: str
    type: str
    occurred_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a provider's messages say what they are.

    form: None where it sends JSON; the field whose text is the JSON; "" where the fields are the message.
    only_form: it never sends JSON. id: places whose texts together name a message; where none is found, the
    hash of its bytes does. type, time: the first place that is there.
    many: an array is a batch.
    """

    form: str | None = None
    only_form: bool = False
    id: Sequence[str] = ()
    type: Sequence[str] = ()
    time: Sequence[str] = ()
    many: bool = False


def split(exchange: Exchange, reading: Reading, verdict: Verdict) -> list[Message]:
    """Return the messages of a request that was accepted.

    Raises BadRequest (InvalidJson is one) for what cannot be read, UnsupportedMediaType, TooLarge.
    """
    body = _json(exchange, reading)
    whole = loads(body)
    if not isinstance(whole, list) or not reading.many:
        return [_message(exchange, reading, verdict, whole, body)]
    if len(whole) > MAX_MESSAGES:
        raise TooLarge(f"A batch has at most {MAX_MESSAGES} messages.")
    # As sent, not as we would write it: numbers keep their digits.
    parts = msgspec.json.decode(body, type=list[msgspec.Raw])
    signed = verdict.message_id or hashlib.sha256(body).hexdigest()
    return [
        _message(exchange, reading, Verdict(), one, bytes(part), unnamed=f"{signed}:{place}")
        for place, (one, part) in enumerate(zip(whole, parts, strict=True))
    ]


def is_place(text: str) -> bool:
    """Say whether a text is a place: a JSON Pointer or header:Name."""
    return _PLACE.fullmatch(text) is not None


def _json(exchange: Exchange, reading: Reading) -> bytes:
    if reading.form is None or not (exchange.is_form or reading.only_form):
        exchange.refuse_other_than_json()
        return exchange.body
    fields = exchange.form()
    if reading.form == "":
        return msgspec.json.encode(_nested(fields))
    texts = [value for name, value in fields if name == reading.form]
    if len(texts) != 1:
        raise BadRequest(f"The form needs one field {reading.form}.")
    return texts[0].encode()


def _nested(fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return `a[b][c]=1` as {"a": {"b": {"c": "1"}}}. Raises BadRequest where two fields contradict."""
    tree: dict[str, Any] = {}
    for name, value in fields:
        *way, last = _KEYS.findall(name) or [name]
        node: Any = tree
        for key in way:
            node = node.setdefault(key, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last in node:
            raise BadRequest(f"The field {name[:100]} is there twice, or beside fields that it would hold.")
        node[last] = value
    return tree


def _message(
    exchange: Exchange, reading: Reading, verdict: Verdict, value: Any, body: bytes, unnamed: str = ""
) -> Message:
    texts = [_text(place, value, exchange.headers) for place in reading.id]
    # An id that the proof covers outweighs one that anybody could have written beside it.
    named = verdict.message_id or (":".join(texts) if any(texts) else unnamed)
    id = named if 0 < len(named) <= MAX_ID else hashlib.sha256(named.encode() or body).hexdigest()
    type_ = next(filter(None, (_text(place, value, exchange.headers) for place in reading.type)), "")
    times = (instant_of(_found(place, value, exchange.headers)) for place in reading.time)
    return Message(id, type_[:MAX_TYPE], next((at for at in times if at is not None), None), body)


def text_at(place: str, value: Any) -> str:
    """Return the text at a JSON Pointer, "" where there is none."""
    return _text(place, value, {})


def _text(place: str, value: Any, headers: Mapping[str, str]) -> str:
    found = _found(place, value, headers)
    return str(found) if isinstance(found, (str, int, float)) else ""


def _found(place: str, value: Any, headers: Mapping[str, str]) -> Any:
    if place.startswith("header:"):
        return headers.get(place.removeprefix("header:").lower())
    for token in place.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isascii() and key.isdecimal() and len(key) < 6:
            value = value[int(key)] if int(key) < len(value) else None
        else:
            return None
    return value


def instant_of(told: Any) -> datetime | None:
    """Read seconds or milliseconds since 1970, or ISO 8601 (UTC where it names no zone); else None."""
    try:
        if isinstance(told, str) and not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", told):
            at = datetime.fromisoformat(told)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(told, bool) or not isinstance(told, (str, int, float)):
            return None
        seconds = float(told)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
