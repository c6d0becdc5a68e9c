"""Bodies in: JSON that is exactly JSON, and the two patch types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from service.errors import Issue, TooLarge, UnsupportedMediaType
from service.strict_json import InvalidJson, loads

NDJSON = "application/x-ndjson"


def read_body(stream: IO[bytes], context: Mapping[str, Any] | None, limit: int) -> bytes:
    """Return the raw body of at most `limit` bytes. Raises TooLarge, UnsupportedMediaType."""
    _refuse_encoded(context)
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The limit is {limit} bytes.")
    return body


def _refuse_encoded(context: Mapping[str, Any] | None) -> None:
    request = (context or {}).get("request")
    if request is not None and request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType("Send the body without Content-Encoding.")


class StrictJsonParser(BaseParser):
    """UTF-8 JSON without duplicate keys, NaN, NUL or lone surrogates; up to 1 MiB."""

    media_type = "application/json"
    limit = 1024 * 1024

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = read_body(stream, parser_context, self.limit)
        if not body:
            raise InvalidJson(Issue("", "empty", "The body is empty; JSON is expected."))
        return loads(body)


class LargeJsonParser(StrictJsonParser):
    """For documents: up to 4 MiB."""

    limit = 4 * 1024 * 1024


class MergePatchParser(StrictJsonParser):
    """RFC 7396: null removes a member."""

    media_type = "application/merge-patch+json"


class LargeMergePatchParser(MergePatchParser):
    limit = 4 * 1024 * 1024


class JsonPatchParser(StrictJsonParser):
    """RFC 6902."""

    media_type = "application/json-patch+json"
    limit = 4 * 1024 * 1024


class RawParser(BaseParser):
    """Bytes as they are, up to 4 MiB."""

    limit = 4 * 1024 * 1024

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return read_body(stream, parser_context, self.limit)


def raw_parsers(media_types: Iterable[str]) -> list[type[RawParser]]:
    """Return a parser for each of these media types."""
    return [type("RawParser", (RawParser,), {"media_type": media}) for media in media_types]


class NdjsonParser(BaseParser):
    """The body as it comes: whoever takes it reads line by line, and counts."""

    media_type = NDJSON

    @property
    def limit(self) -> int:
        return int(settings.BUNDLE_MAX_BYTES)

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _refuse_encoded(parser_context)
        return stream
