"""Bodies out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import BaseRenderer


def _plain(value: Any) -> Any:
    """What msgspec cannot write by itself: lazy strings and mappings of REST framework."""
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


_encoder = msgspec.json.Encoder(enc_hook=_plain, decimal_format="number", uuid_format="canonical")


def encode(data: Any) -> bytes:
    """Return JSON bytes: decimals as numbers, instants as RFC 3339."""
    return _encoder.encode(data)


class JsonRenderer(BaseRenderer):
    """JSON; a body that is bytes already passes through."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return data if isinstance(data, bytes) else encode(data)


class SvgRenderer(JsonRenderer):
    """Negotiates a picture; the view answers with its bytes, refusals stay JSON."""

    media_type = "image/svg+xml"
    format = "svg"


class HtmlRenderer(JsonRenderer):
    """Negotiates a page; the view answers with its bytes, refusals stay JSON."""

    media_type = "text/html"
    format = "html"


class MarkdownRenderer(JsonRenderer):
    """Negotiates a text for people; the view answers with its bytes, refusals stay JSON."""

    media_type = "text/markdown"
    format = "markdown"


class CsvRenderer(JsonRenderer):
    """Negotiates a table; the view answers with its bytes, refusals stay JSON."""

    media_type = "text/csv"
    format = "csv"


class NdjsonRenderer(JsonRenderer):
    """Negotiates JSON by lines; the view answers with its bytes, refusals stay JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"
