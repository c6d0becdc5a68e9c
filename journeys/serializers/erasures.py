"""Erasures: what is asked for, and what is told of them afterwards."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys.models import Purge, Redaction
from journeys.serializers.versions import AuthorOut
from service.fields import StrictChar
from service.serializers import In

_REASON = "Why. It stays: say nothing in it that is to be erased."


class RedactionIn(In):
    """What is to become a tombstone."""

    echoes = frozenset()
    journey_map = StrictChar(
        max_length=64, help_text="A map that holds it, by id or key; an archived one by id."
    )
    item = StrictChar(
        max_length=64,
        help_text="Id of an entry in a lane (an item, emotion or link), of a persona's snapshot, of a stage "
        "or touchpoint (its words go, what stands in it stays), of the map (its name and what it says of "
        "itself go, in copies where they say the same); or the key of an affinity cluster.",
    )
    reason = StrictChar(max_length=2000, help_text=_REASON)


class PurgeIn(In):
    """Why a map is to go, and which one is meant."""

    echoes = frozenset()
    confirm = StrictChar(max_length=200, help_text="The name of the map, as it is now.")
    reason = StrictChar(max_length=2000, help_text=_REASON)


class ChangedVersionOut(serializers.Serializer[Any]):
    journey_map = serializers.UUIDField()
    version = serializers.IntegerField()
    old_digest = serializers.CharField(help_text="64 hex digits; nothing answers to it any more.")
    new_digest = serializers.CharField()


class ErasureOut(serializers.Serializer[Any]):
    """What every erasure tells. It never changes."""

    id = serializers.UUIDField()
    reason = serializers.CharField()
    author = AuthorOut()
    created_at = serializers.DateTimeField()


class RedactionOut(ErasureOut):
    item = serializers.CharField(help_text="Its id, or the key of a cluster.")
    kind = serializers.CharField(
        help_text="item, emotion, link, persona, stage, touchpoint, cluster or map; may grow."
    )
    versions = ChangedVersionOut(many=True, help_text="Every version that held it, in copies too.")
    drafts = serializers.ListField(
        child=serializers.UUIDField(), help_text="The maps whose drafts held it: they have a new ETag."
    )


class PurgedVersionOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    digest = serializers.CharField()


class PurgeOut(ErasureOut):
    journey_map = serializers.UUIDField()
    versions = PurgedVersionOut(many=True, help_text="That it had.")


def redaction_out(row: Redaction) -> dict[str, Any]:
    told = {"item": row.item, "kind": row.kind, "versions": row.changes, "drafts": row.drafts}
    return {**_out(row), **told}


def purge_out(row: Purge) -> dict[str, Any]:
    return {**_out(row), "journey_map": row.journey_map, "versions": row.versions}


def _out(row: Redaction | Purge) -> dict[str, Any]:
    return {
        "id": row.id,
        "reason": row.reason,
        "author": {"id": row.author_id, "name": row.author_name},
        "created_at": row.created_at,
    }
