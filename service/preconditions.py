"""Conditional requests: ETags from a row's version, If-Match that must be sent (428, 412).

The ETag of a mutable resource is `"r<row_version>"`, bumped in the same UPDATE. `W/` before it is
accepted (a proxy that compresses adds it), `*` means "whatever it is now".
"""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from service.errors import BadRequest, PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')  # a comma may stand inside a tag too


class InvalidEtag(BadRequest):
    code, title = "invalid_etag", "The header does not name entity tags."


def etag_of(row: Any) -> str:
    """Return the ETag of a row with a `row_version`."""
    return f'"r{row.row_version}"'


def tags(header: str) -> list[str] | None:
    """Return the opaque tags of an If-Match or If-None-Match header, None for `*`.

    Raises BadRequest for anything else.
    """
    if header.strip() == "*":
        return None
    found: list[str] = []
    end = 0
    while end < len(header) or not found:
        match = _TAG.match(header, end)
        if match is None:
            raise InvalidEtag(f'An entity tag looks like "r7"; got {header[:80]!r}.')
        found.append(match.group(1))
        end = match.end()
    return found


class IfMatch:
    """The If-Match of a request: `check(current)` raises PreconditionFailed unless it names `current`."""

    def __init__(self, request: Request | HttpRequest) -> None:
        header = request.headers.get("If-Match")
        if header is None:
            raise PreconditionRequired(
                "Read the resource, then send its ETag as If-Match: nobody overwrites what they did not see."
            )
        self.accepted = tags(header)

    @classmethod
    def of(cls, etag: str) -> IfMatch:
        """Return the precondition of an ETag that came otherwise than as a header. Raises BadRequest."""
        found = cls.__new__(cls)
        found.accepted = tags(etag)
        return found

    def check(self, current: str) -> None:
        """`current` is the quoted ETag of what is stored now."""
        if self.accepted is not None and current.strip('"') not in self.accepted:
            raise PreconditionFailed(f"The current ETag is {current}.", headers={"ETag": current})


def not_modified(request: Request | HttpRequest, current: str) -> bool:
    """Tell whether If-None-Match names `current` (weak comparison)."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    accepted = tags(header)
    return accepted is None or current.removeprefix("W/").strip('"') in accepted
