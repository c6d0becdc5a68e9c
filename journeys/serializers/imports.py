"""Imports: what is asked, as query or as JSON, and what became of each map."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.request import Request

from journeys import queries
from journeys.actions import Order, Target
from journeys.formats.base import ReadMap
from journeys.formats.registry import FORMATS, Format, format_of, readable
from journeys.serializers.versions import Flag
from service.errors import Issue, PreconditionRequired, ValidationProblem
from service.fields import Slug, StrictBoolean, StrictChar, StrictList
from service.preconditions import IfMatch
from service.serializers import In, Part, Query, checked
from service.strict_json import loads

CONTENT_MAX = 4 * 1024 * 1024
MAPS_MAX = 200
_INTO = "Id or key of the map whose draft it is laid over. Absent: a new map."
_KEY = "Key of the new map."
_MISSING = (
    "What becomes of stages and touchpoints of the draft that are not there: remove, keep, or refuse (the "
    "default) where they hold what the format cannot say."
)
_INVALID = "What becomes of the other maps where one is refused: refuse them all (the default), or skip it."


class ImportOptions(serializers.JSONField):
    """An object of what the format's reader and the matching may be told."""

    default_error_messages = {"object": "An object is expected."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, str):
            data = loads(data.encode())
        if not isinstance(data, Mapping):
            self.fail("object")
        return dict(data)


class OptionsText(StrictChar):
    """Options in a query: a JSON object as text."""

    constraints = {"format": "json-object"}


class ImportChoices(Query):
    """What can be said in the query and in a JSON body alike."""

    format = serializers.ChoiceField(
        [each.name for each in readable()],
        required=False,
        help_text="How the content is read. Absent: as its media type and its beginning tell.",
    )
    into = StrictChar(required=False, max_length=64, help_text=_INTO)
    key = Slug(required=False, help_text=_KEY)
    on_missing = serializers.ChoiceField(
        ["refuse", "remove", "keep"], required=False, default="refuse", help_text=_MISSING
    )
    on_invalid = serializers.ChoiceField(
        ["refuse", "skip"], required=False, default="refuse", help_text=_INVALID
    )


class ImportQuery(ImportChoices):
    dry_run = Flag(required=False, default=False, help_text="Tell what would happen; store nothing.")
    options = OptionsText(required=False, max_length=2_000, help_text="As in a JSON body; there, longer.")


class ImportTargetIn(Part):
    """What becomes of one of several maps."""

    place = StrictChar(max_length=200, allow_blank=True, help_text="Where it stands: the name of its sheet.")
    into = StrictChar(required=False, max_length=64, help_text=_INTO)
    etag = StrictChar(
        required=False, max_length=200, help_text="With `into`: ETag of that map's draft, or *."
    )
    key = Slug(required=False, help_text=_KEY)
    skip = StrictBoolean(required=False, default=False, help_text="Leave this one out.")


class ImportIn(In):
    """An import as JSON: the content as text, or as base64 where it is no text."""

    echoes = frozenset()
    format = serializers.ChoiceField([each.name for each in readable()], help_text="How the content is read.")
    content = StrictChar(
        required=False, allow_blank=True, max_length=CONTENT_MAX, help_text="Text. Instead: content_base64."
    )
    content_base64 = StrictChar(required=False, allow_blank=True, max_length=CONTENT_MAX * 2)
    options = ImportOptions(
        required=False,
        help_text="Of the reader, as a preview guessed them; and `matches`: {pointer: id or null}.",
    )
    into = StrictChar(required=False, max_length=64, help_text=_INTO)
    key = Slug(required=False, help_text=_KEY)
    maps = StrictList(
        child=ImportTargetIn(), required=False, max_length=MAPS_MAX, help_text="Where there are several."
    )
    on_missing = serializers.ChoiceField(
        ["refuse", "remove", "keep"], required=False, default="refuse", help_text=_MISSING
    )
    on_invalid = serializers.ChoiceField(
        ["refuse", "skip"], required=False, default="refuse", help_text=_INVALID
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """An import as asked for, from query or body."""

    order: Order
    values: Mapping[str, Any]

    @property
    def skips(self) -> bool:
        return bool(self.values["on_invalid"] == "skip")


def asked_of(request: Request, params: Mapping[str, Any]) -> Asked:
    """Return what a request asks: bytes as they are, or JSON that holds them. Raises ValidationProblem."""
    data = request.data
    if isinstance(data, bytes):
        return _raw(data, request, params)
    if params.get("format") == "json":
        return _raw(msgspec.json.encode(data), request, params)
    values = checked(ImportIn, data)
    given = [name for name in ("content", "content_base64") if name in values]
    if len(given) != 1:
        raise ValidationProblem(
            [Issue("/content", "required", "Send content or content_base64, one of them.")]
        )
    order = Order(
        FORMATS[values["format"]], _content(values), values.get("options", {}), values["on_missing"]
    )
    return Asked(order, values)


def targets_of(
    asked: Asked, found: tuple[ReadMap, ...], workspace_id: uuid.UUID, request: Request, *, dry_run: bool
) -> list[Target | None]:
    """Return what each map that was read becomes, None where it is left out.

    Raises ValidationProblem, NotFound, PreconditionRequired.
    """
    values = asked.values
    told = {target["place"]: target for target in values.get("maps", ())}
    unknown = sorted(set(told) - {read.place for read in found})
    if unknown:
        issues = [Issue("/maps", "unknown_place", f"There is no map at {place!r}.") for place in unknown]
        raise ValidationProblem(issues)
    if len(found) > 1 and ("into" in values or "key" in values):
        detail = "The content is several maps: say in `maps` what becomes of each."
        raise ValidationProblem([Issue("/into", "several_maps", detail)])
    header = request.headers.get("If-Match")
    return [
        _target(told.get(read.place, values), header, workspace_id, guarded=not dry_run) for read in found
    ]


def _raw(content: bytes, request: Request, params: Mapping[str, Any]) -> Asked:
    form = _format(content, request, params)
    options = ImportOptions().to_internal_value(params["options"]) if params.get("options") else {}
    return Asked(Order(form, content, options, params["on_missing"]), params)


def _format(content: bytes, request: Request, params: Mapping[str, Any]) -> Format:
    if params.get("format"):
        return FORMATS[params["format"]]
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    found = format_of(media_type, content)
    if found is None:
        raise ValidationProblem(
            [Issue("/format", "required", f"{media_type} does not tell the format: name it.")]
        )
    return found


def _content(values: Mapping[str, Any]) -> bytes:
    if "content" in values:
        return str(values["content"]).encode()
    try:
        return base64.b64decode(values["content_base64"], validate=True)
    except (binascii.Error, ValueError):
        raise ValidationProblem([Issue("/content_base64", "invalid", "This is not base64.")]) from None


def _target(
    values: Mapping[str, Any], header: str | None, workspace_id: uuid.UUID, *, guarded: bool
) -> Target | None:
    if values.get("skip"):
        return None
    if "into" not in values:
        return Target(key=values.get("key"))
    if "key" in values:
        raise ValidationProblem([Issue("/key", "not_both", "A map that is there keeps its key.")])
    row = queries.open_map(workspace_id, values["into"])
    etag = values.get("etag") or header
    if etag is None and guarded:
        raise PreconditionRequired("Send the ETag of the draft, as a preview shows it, as If-Match.")
    return Target(row, IfMatch.of(etag) if etag else None)
