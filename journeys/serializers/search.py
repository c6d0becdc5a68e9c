"""What was found in a workspace."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys.queries.search import KINDS, Hit
from service.fields import StrictChar
from service.serializers import Query

WORDS_MAX, HITS_MAX = 200, 100


class SearchQuery(Query):
    q = StrictChar(
        min_length=1,
        max_length=WORDS_MAX,
        help_text="Words; all of them must occur, each may go on: `regis form` finds “registration form”.",
    )
    kind = serializers.ChoiceField(KINDS, required=False, help_text="Only things of this kind.")
    journey_map = StrictChar(required=False, max_length=200, help_text="Only in this map, by id or key.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=HITS_MAX, default=20)


class PieceOut(serializers.Serializer[Any]):
    """A run of text; `hit` where it was looked for. Plain text: escape it where you show it."""

    text = serializers.CharField()
    hit = serializers.BooleanField()


class FoundInOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()


class HitOut(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="journey_map, stage, touchpoint or persona.")
    id = serializers.UUIDField()
    key = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    journey_map = FoundInOut(allow_null=True, help_text="The map it is in; null for personas.")
    rank = serializers.FloatField(help_text="Higher is better; comparable within one answer only.")
    highlights = PieceOut(many=True, help_text="What it says around the words.")


class SearchOut(serializers.Serializer[Any]):
    items = HitOut(many=True, help_text="Best first.")
    matches = serializers.IntegerField(help_text="How many there are; `items` holds the best of them.")


def search_out(hits: list[Hit], matches: int) -> dict[str, Any]:
    return {"items": [_hit_out(hit) for hit in hits], "matches": matches}


def _hit_out(hit: Hit) -> dict[str, Any]:
    return {
        "kind": hit.kind,
        "id": hit.id,
        "key": hit.key,
        "name": hit.name,
        "journey_map": hit.journey_map and dict(zip(("id", "name", "key"), hit.journey_map, strict=True)),
        "rank": hit.rank,
        "highlights": [{"text": text, "hit": is_hit} for text, is_hit in hit.pieces],
    }
