"""Differences between documents, as they are shown."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from journeys.document.diff import Change

_STOOD = "Where it stood before; null: it was not there, or it is the map itself."
_STANDS = "Where it stands now; null: it is gone, or it is the map itself."


class PlaceOut(serializers.Serializer[Any]):
    """Where a thing stands."""

    parent = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="Id of the stage or touchpoint that it stands in; null: the map."
    )
    member = serializers.CharField(
        help_text="The list in the parent: stages, touchpoints, pains, lane_items/tools …"
    )
    index = serializers.IntegerField(help_text="0 for the first.")


class ChangeOut(serializers.Serializer[Any]):
    """One thing that is different."""

    verb = serializers.CharField(
        help_text="added, removed, moved, renamed or changed. What moved and was changed has a line for each."
    )
    kind = serializers.CharField(
        help_text="map, persona, lane, stage, touchpoint, item, link, emotion or transition."
    )
    id = serializers.CharField(
        help_text="Its id; the key of a lane; of a transition `from>to`, and `#2` for the second of these."
    )
    name = serializers.CharField(help_text="What a reader calls it: the name, the text.")
    was_at = PlaceOut(allow_null=True, help_text=_STOOD)
    is_at = PlaceOut(allow_null=True, help_text=_STANDS)
    field = serializers.CharField(
        help_text="Of renamed and changed: the member, `attributes/team` for one inside another; else empty."
    )
    before = serializers.JSONField(allow_null=True, help_text="The former value, or all that was removed.")
    after = serializers.JSONField(allow_null=True, help_text="The new value, or all that was added.")


def changes_out(changes: Iterable[Change], map_id: uuid.UUID) -> list[dict[str, Any]]:
    return [_change_out(change, str(map_id)) for change in changes]


def _change_out(change: Change, map_id: str) -> dict[str, Any]:
    return {
        "verb": change.verb,
        "kind": change.kind,
        "id": change.id or map_id,
        "name": change.name,
        "was_at": asdict(change.source) if change.source else None,
        "is_at": asdict(change.target) if change.target else None,
        "field": change.field,
        "before": change.before,
        "after": change.after,
    }
