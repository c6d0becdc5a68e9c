"""A former version again."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys.models import Draft
from journeys.queries import etag_of_draft
from journeys.serializers.versions import OnBehalfOfIn, PublishedOut
from service.fields import StrictChar, StrictInteger
from service.serializers import In

DRAFT, VERSION = "draft", "version"


class RestorationIn(In):
    """Which version, and what it shall be."""

    echoes = frozenset()
    version = StrictInteger(min_value=1, max_value=999_999_999, help_text="Number of a version of the map.")
    message = StrictChar(max_length=2000, required=False, allow_blank=True, default="", help_text="Why.")
    on_behalf_of = OnBehalfOfIn(required=False, help_text="The person for whom the credential acts.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        text = "draft: to go on working from there; version: published as the next one (scope maps:publish)."
        return {**super().get_fields(), "as": serializers.ChoiceField([DRAFT, VERSION], help_text=text)}


class RestorationOut(serializers.Serializer[Any]):
    """What was restored, and where it stands now."""

    restored_from = serializers.IntegerField()
    draft_etag = serializers.CharField(help_text="Of …/draft, which follows.")
    version = PublishedOut(allow_null=True, help_text="The new version; null where it is the draft.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"as": serializers.CharField(), **super().get_fields()}


def restoration_out(number: int, draft: Draft, version: dict[str, Any] | None) -> dict[str, Any]:
    """Return what was restored; `version` is what publishing shows of the new one."""
    return {
        "as": VERSION if version else DRAFT,
        "restored_from": number,
        "draft_etag": etag_of_draft(draft),
        "version": version,
    }
