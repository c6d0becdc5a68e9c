"""Collections of maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from journeys.models import Collection, JourneyMap
from service.fields import Slug, StrictChar, StrictList
from service.resources import shown_resource
from service.serializers import READ_ONLY, PageQuery, ResourceIn, ResourceOut, checked, merged

_SAID = ("name", "description", "journey_maps")
MAPS_MAX = 200


class CollectionQuery(PageQuery):
    key = Slug(required=False, help_text="Just the collection with this key.")
    q = StrictChar(required=False, max_length=200, help_text="Part of the name, in any case.")
    journey_map = serializers.UUIDField(required=False, help_text="Just collections with this map in them.")


class CollectionIn(ResourceIn):
    echoes = READ_ONLY | {"members"}
    name = StrictChar(max_length=200)
    description = StrictChar(max_length=10000, required=False, allow_blank=True, default="")
    journey_maps = StrictList(
        child=StrictChar(max_length=64),
        max_length=MAPS_MAX,
        required=False,
        default=list,
        help_text="Ids or keys of maps, in the order shown; each once.",
    )


class CollectionMemberOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    last_version = serializers.IntegerField()
    archived_at = serializers.DateTimeField(allow_null=True)


class CollectionOut(ResourceOut):
    name = serializers.CharField()
    description = serializers.CharField()
    journey_maps = serializers.ListField(child=serializers.UUIDField(), help_text="In the order shown.")
    members = CollectionMemberOut(many=True, help_text="The same maps, with what a list tells of them.")


def collection_in(raw: Any) -> dict[str, Any]:
    """Return the values of a new collection. Raises ValidationProblem."""
    return _values(checked(CollectionIn, raw))


def collection_change_in(row: Collection, patch: Any) -> dict[str, Any]:
    """Return the values of a collection after a merge patch. Raises ValidationProblem."""
    now = {"name": row.name, "description": row.description, "attributes": row.attributes}
    now["journey_maps"] = [str(own) for own in row.journey_maps]
    return _values(checked(CollectionIn, merged(now | ({"key": row.key} if row.key else {}), patch)))


def collection_out(row: Collection, maps: Mapping[UUID, JourneyMap]) -> dict[str, Any]:
    """Return the collection. `maps` has those in it that are still there."""
    there = [maps[own] for own in row.journey_maps if own in maps]
    return {
        **shown_resource(row),
        "name": row.name,
        "description": row.description,
        "journey_maps": [own.id for own in there],
        "members": [
            {
                "id": own.id,
                "key": own.key,
                "name": own.name,
                "last_version": own.last_version,
                "archived_at": own.archived_at,
            }
            for own in there
        ],
    }


def _values(checked_values: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: checked_values[name] for name in _SAID}
    return said | {"key": checked_values.get("key"), "attributes": checked_values["attributes"]}
