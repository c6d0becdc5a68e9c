"""Audience views and their tokens, in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers

from journeys.document.lanes import EVIDENCE
from kpis.actions.audience_refs import PARTS
from kpis.models.audience import AudienceView
from kpis.queries.audience_shows import redactable_members
from kpis.serializers.live import LiveOut
from service.fields import Instant, StrictBoolean, StrictChar, StrictList
from service.models import Credential
from service.preconditions import etag_of
from service.resources import shown_resource
from service.serializers import READ_ONLY, In, PageQuery, ResourceIn, ResourceOut

# What a browser calls an origin, and nothing else: the words go into a header.
ORIGIN = re.compile(
    r"https?://(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63}){0,8}(:[0-9]{1,5})?"
)
_ALL = " Null or left out: all, later ones too."
_SHOWS = ("stages", "lanes", "personas", "evidence", "back_stage", "redact", "kpis", "journey_maps")
MAP, OVERVIEW = "map", "overview"


class Refs(StrictList):
    """Ids or keys."""

    def __init__(self, max_length: int, help_text: str) -> None:
        super().__init__(
            child=StrictChar(max_length=64),
            required=False,
            allow_null=True,
            default=None,
            max_length=max_length,
            help_text=help_text + _ALL,
        )


class ViewIn(ResourceIn):
    echoes = READ_ONLY
    kind = serializers.ChoiceField(
        (MAP, OVERVIEW),
        required=False,
        default=MAP,
        help_text="One map, or maps side by side with how they fare; it cannot be changed.",
    )
    journey_map = StrictChar(
        required=False,
        allow_null=True,
        default=None,
        max_length=64,
        help_text="Id or key of the one map; it cannot be changed. Of an overview none.",
    )
    journey_maps = Refs(500, "Of an overview: ids or keys of the maps that are shown, once published.")
    name = StrictChar(max_length=200, help_text="For whom it is; the audience is not shown it.")
    stages = Refs(100, "Ids or keys of the stages that are shown.")
    lanes = Refs(60, "Lanes that are shown: actions, thoughts …, emotions, and custom lanes by key.")
    personas = Refs(30, "Ids or keys of the personas that are shown, with what is said of them.")
    kpis = Refs(600, "Ids or keys of the KPIs whose figures are shown; an empty list shows none.")
    evidence = StrictList(
        child=serializers.ChoiceField(EVIDENCE),
        required=False,
        allow_null=True,
        default=None,
        max_length=len(EVIDENCE),
        help_text="Levels of evidence whose statements are shown." + _ALL,
    )
    back_stage = StrictBoolean(
        required=False, default=True, help_text="Whether back-stage touchpoints are shown."
    )
    redact = StrictList(
        child=StrictChar(max_length=64),
        required=False,
        default=list,
        max_length=100,
        help_text="Members that are left out wherever they stand: owner, quotes, links, attributes, "
        "importance, source …, of figures target, trend, spark, running, of a map improvements or "
        "what they are called (improvement_titles), of an overview broken_sources and "
        "open_findings.",
    )
    tactical = StrictBoolean(
        required=False,
        default=False,
        help_text="Whether it is told at a touchpoint how the maps fare that show it in detail: by the KPIs "
        "that the view shows, and without their names.",
    )
    feedback = StrictBoolean(
        required=False,
        default=False,
        help_text="Whether it is told what people said, without ids: where the view shows quotes (the lane, "
        "not redacted, evidence observed), at what it shows, and to the KPIs that it shows.",
    )
    history = StrictBoolean(
        required=False,
        default=False,
        help_text="Whether as_of and known_at may be asked, and of one map the version; else none is told, "
        "either.",
    )
    embed_origins = StrictList(
        child=StrictChar(max_length=300),
        required=False,
        default=list,
        max_length=20,
        help_text="Origins whose pages may frame it, e.g. https://wiki.example.org; none: nobody may.",
    )

    def validate_redact(self, names: list[str]) -> list[str]:
        known = redactable_members()
        if unknown := sorted(set(names) - known):
            told = f"These cannot be redacted: {', '.join(unknown)}. Use: {', '.join(sorted(known))}."
            raise serializers.ValidationError(told, code="not_allowed")
        return names

    def validate_embed_origins(self, origins: list[str]) -> list[str]:
        if wrong := [origin for origin in origins if not ORIGIN.fullmatch(origin)]:
            told = f"Not an origin: {wrong[0]!r}. Use scheme and host, e.g. https://wiki.example.org."
            raise serializers.ValidationError(told, code="invalid")
        return list(dict.fromkeys(origins))

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if values["kind"] == MAP:
            if values["journey_map"] is None:
                raise _refused("journey_map", "required", "Say which map it shows.")
            if values["journey_maps"] is not None:
                raise _refused("journey_maps", "not_allowed", "They are for views of the kind `overview`.")
            return values
        told = "A view of an overview has none: it is for a view of one map."
        for name in ("journey_map", *PARTS):
            if values[name] is not None:
                raise _refused(name, "not_allowed", told)
        for name in ("tactical", "feedback"):
            if values[name]:
                raise _refused(name, "not_allowed", told)
        return values


def _refused(name: str, code: str, told: str) -> serializers.ValidationError:
    return serializers.ValidationError({name: serializers.ErrorDetail(told, code=code)})


class ViewOut(ResourceOut):
    """What an audience sees of a map, or of maps side by side; tokens open it."""

    kind = serializers.CharField(help_text="map, overview.")
    journey_map = serializers.UUIDField(allow_null=True)
    journey_maps = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    name = serializers.CharField()
    stages = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    lanes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    personas = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    kpis = serializers.ListField(child=serializers.UUIDField(), allow_null=True)
    evidence = serializers.ListField(child=serializers.CharField(), allow_null=True)
    back_stage = serializers.BooleanField()
    redact = serializers.ListField(child=serializers.CharField())
    tactical = serializers.BooleanField()
    feedback = serializers.BooleanField()
    history = serializers.BooleanField()
    embed_origins = serializers.ListField(child=serializers.CharField())


class ViewQuery(PageQuery):
    journey_map = StrictChar(required=False, max_length=64, help_text="Id or key: only views of it.")


class ViewLiveOut(LiveOut):
    """The live map as a view shows it."""

    view = serializers.UUIDField()
    version = serializers.IntegerField(allow_null=True, help_text="Null where the view tells no history.")
    published_at = serializers.DateTimeField(allow_null=True)
    explain = None  # type: ignore[assignment]  # whoever has a link to a view reads nothing else


class ViewTokenIn(In):
    echoes = READ_ONLY | {"view", "prefix", "last_used_at"}
    name = StrictChar(max_length=200, help_text="Who gets it.")
    expires_at = Instant(required=False, help_text="Absent: it works until it is revoked.")


class ViewTokenOut(serializers.Serializer[Any]):
    """A read-only link to one view."""

    id = serializers.UUIDField()
    view = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="Names the token in logs; not secret.")
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    etag = serializers.CharField()
    created_at = serializers.DateTimeField()


class ViewTokenSecretOut(ViewTokenOut):
    secret = serializers.CharField(help_text="Shown once; also a bearer token of its `live` or `overview`.")
    url = serializers.CharField(
        help_text="Opens the page in any browser, which then keeps the secret in a cookie of that page alone."
    )


def view_out(row: AudienceView) -> dict[str, Any]:
    return {
        **shown_resource(row),
        "kind": _kind(row),
        "journey_map": row.journey_map_id,
        "name": row.name,
        **{name: row.shows.get(name) for name in _SHOWS},
        "tactical": row.shows.get("tactical", False),
        "feedback": row.shows.get("feedback", False),
        "history": row.history,
        "embed_origins": row.embed_origins,
    }


def _kind(row: AudienceView) -> str:
    return OVERVIEW if row.journey_map_id is None else MAP


def view_given(row: AudienceView) -> dict[str, Any]:
    """Return what a PATCH merges into: the view as one would send it."""
    given: Mapping[str, Any] = {
        "key": row.key,
        "attributes": row.attributes,
        "kind": _kind(row),
        "journey_map": row.journey_map_id and str(row.journey_map_id),
        "name": row.name,
        **row.shows,
        "history": row.history,
        "embed_origins": row.embed_origins,
    }
    return {name: value for name, value in given.items() if value is not None}


def view_token_out(row: Credential) -> dict[str, Any]:
    return {
        "id": row.id,
        "view": row.target_id,
        "name": row.name,
        "prefix": row.prefix,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "etag": etag_of(row),
        "created_at": row.created_at,
    }


def secret_out(row: Credential, secret: str) -> dict[str, Any]:
    """Return the token with what is shown once."""
    return {**view_token_out(row), "secret": secret, "url": f"{settings.PUBLIC_URL}/p/{secret}"}
