"""Vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from journeys.document.canonical import to_plain
from journeys.document.emotion import PLUTCHIK, SCALES
from journeys.document.patch import apply_merge_patch
from journeys.document.validate import parse_vocabulary
from journeys.document.wording import KINDS, TERMS_MAX, Term, VocabularyEntry, VocabularyProfile
from journeys.document.words import Attributes, Number, Slug
from journeys.queries.vocabularies import Effective
from journeys.serializers.shapes import (
    Etag,
    ShownId,
    ShownInstant,
    ShownInstantOrNull,
    members,
    page_shape,
    read,
)
from service.errors import Issue, ValidationProblem
from service.fields import Slug as SlugField
from service.resources import shown_resource
from service.serializers import READ_ONLY, Query

_SHOWN = {"readOnly": True}
_SCALES = {scale.key: scale for scale in SCALES}
_OF_SCALE = ("low", "high", "whole", "signed", "values")


class VocabularyQuery(Query):
    kind = SlugField(required=False, help_text="Just vocabularies of this kind: channels, stages …")


class VocabularyWord(Term):
    """A word; of a scale of emotion also how its figures run."""

    low: Annotated[Number | None, Field(description="Of a scale: worst.", json_schema_extra=_SHOWN)] = None
    high: Annotated[Number | None, Field(description="Of a scale: best.", json_schema_extra=_SHOWN)] = None
    whole: Annotated[bool, Field(description="Of a scale: whole figures only.", json_schema_extra=_SHOWN)] = (
        False
    )
    signed: Annotated[
        bool, Field(description="Of a scale: tells good from bad.", json_schema_extra=_SHOWN)
    ] = False
    values: Annotated[
        tuple[Slug, ...],
        Field(
            strict=False,
            max_length=TERMS_MAX,
            description="Of a scale: its words; `named` takes others, too.",
            json_schema_extra=_SHOWN,
        ),
    ] = ()


class Vocabulary(VocabularyProfile):
    """A list of words: shipped, shipped and overridden by the workspace, or the workspace's own."""

    key: Slug = Field(description="What documents say (`stage_vocabulary`); accepted wherever an id is.")
    words: Annotated[
        tuple[VocabularyWord, ...],
        Field(strict=False, max_length=TERMS_MAX, description="In the order offered; the whole list."),
    ] = ()
    attributes: Annotated[Attributes, Field(description="Up to 50 pairs for your own use.")] = {}
    origin: Annotated[str, Field(description="shipped, overridden or own.", json_schema_extra=_SHOWN)] = ""
    editable: Annotated[
        bool, Field(description="Whether the workspace may change it.", json_schema_extra=_SHOWN)
    ] = False
    id: ShownId = None
    etag: Etag = ""
    created_at: ShownInstant = None
    updated_at: ShownInstant = None
    archived_at: ShownInstantOrNull = None


VocabularyPage = page_shape(Vocabulary)


def vocabulary_in(raw: Any) -> tuple[VocabularyEntry, dict[str, str]]:
    """Return (vocabulary, attributes) of a body. Raises ValidationProblem with every issue."""
    attributes = dict(read(Vocabulary, raw).attributes)
    shown = {*READ_ONLY, "attributes", "origin", "editable"}
    plain = {name: value for name, value in members(raw).items() if name not in shown and value is not None}
    if plain.get("words"):
        plain["words"] = [
            {name: value for name, value in word.items() if name not in _OF_SCALE} for word in plain["words"]
        ]
    return parse_vocabulary(plain), attributes


def vocabulary_change_in(now: Effective, patch: Any) -> tuple[VocabularyEntry, dict[str, str]]:
    """Return (vocabulary, attributes) after a merge patch. Raises ValidationProblem."""
    if not isinstance(patch, Mapping):
        raise ValidationProblem([Issue("", "not_an_object", "A merge patch is a JSON object.")])
    return vocabulary_in(apply_merge_patch(vocabulary_plain(now), dict(patch)))


def vocabulary_plain(found: Effective) -> dict[str, Any]:
    attributes = dict(found.row.attributes) if found.row and found.row.attributes else {}
    return to_plain(found.entry) | ({"attributes": attributes} if attributes else {})


def vocabulary_out(found: Effective) -> dict[str, Any]:
    """Return the vocabulary; what is empty is left out, as in a document."""
    plain = vocabulary_plain(found)
    if found.entry.kind == "emotion-scales":
        plain["words"] = [{**word, **_range(word["key"])} for word in plain["words"]]
    stored = shown_resource(found.row) if found.row else {}
    editable = found.entry.kind in KINDS
    shown = {**plain, "origin": found.origin, "editable": editable, "etag": found.etag, **stored}
    return {name: value for name, value in shown.items() if name != "attributes" or value}


def _range(key: str) -> dict[str, Any]:
    scale = _SCALES[key]
    told = {"low": scale.low, "high": scale.high, "whole": scale.whole, "signed": scale.signed}
    words = PLUTCHIK if key == "named" else scale.words
    shown = {name: value for name, value in told.items() if value is not None}
    return shown | ({"values": list(words)} if words else {})
