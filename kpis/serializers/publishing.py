"""Publishing a map that carries KPIs: what to do with orphans, and what became of every binding."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journeys.serializers.restorations import RestorationIn, RestorationOut
from journeys.serializers.versions import PublishedOut, PublishIn
from kpis.actions.publishing import BindingsTold, OnOrphan

_CHOICE = {
    "oneOf": [
        {"type": "string", "enum": ["keep", "close"]},
        {
            "type": "object",
            "properties": {"move": {"type": "object", "additionalProperties": {"type": "string"}}},
            "required": ["move"],
            "additionalProperties": False,
        },
    ]
}


@extend_schema_field(_CHOICE)
class OnOrphanField(serializers.Field[OnOrphan, Any, Any, Any]):
    """keep, close, or {"move": {binding: element}}; all by id or key."""

    default_error_messages = {"choice": 'Say "keep", "close" or {{"move": {{binding: element}}}}.'}

    def to_internal_value(self, data: Any) -> OnOrphan:
        if data in ("keep", "close"):
            return OnOrphan(data, {})
        moves = data.get("move") if isinstance(data, dict) and set(data) == {"move"} else None
        if not isinstance(moves, dict) or not moves or len(moves) > 1000:
            self.fail("choice")
        if not all(isinstance(element, str) for element in moves.values()):
            self.fail("choice")
        return OnOrphan("move", moves)


class PublishWithBindingsIn(PublishIn):
    on_orphan = OnOrphanField(
        required=False,
        help_text="What becomes of KPIs whose element the version lacks and nothing continues: `keep` shows "
        "them as unplaced, `close` archives them, `move` binds them elsewhere. Without it they are refused.",
    )


class RestorationWithBindingsIn(RestorationIn):
    on_orphan = OnOrphanField(required=False, help_text="As for publishing.")


class CarriedOut(serializers.Serializer[Any]):
    binding = serializers.UUIDField()
    element = serializers.UUIDField(help_text="The one that is gone.")
    target = serializers.UUIDField(help_text="The element that continues it.")
    others = serializers.ListField(
        child=serializers.UUIDField(), help_text="Of a split: what else continues it, without the KPI."
    )


class OrphanedOut(serializers.Serializer[Any]):
    binding = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    element = serializers.UUIDField()
    action = serializers.CharField(
        allow_null=True, help_text="kept, closed or moved; null (dry run): publishing would be refused."
    )
    target = serializers.UUIDField(allow_null=True)


class BindingsToldOut(serializers.Serializer[Any]):
    kept = serializers.ListField(child=serializers.UUIDField())
    carried = CarriedOut(many=True)
    orphaned = OrphanedOut(many=True)


class PublishedWithBindingsOut(PublishedOut):
    bindings = BindingsToldOut()


class RestorationWithBindingsOut(RestorationOut):
    version = PublishedWithBindingsOut(
        allow_null=True, help_text="The new version; null where it is the draft."
    )


def bindings_told(told: BindingsTold) -> dict[str, Any]:
    return {
        "kept": list(told.kept),
        "carried": [
            {
                "binding": one.binding_id,
                "element": one.source,
                "target": one.target,
                "others": list(one.others),
            }
            for one in told.carried
        ],
        "orphaned": [
            {
                "binding": one.binding_id,
                "label": one.label,
                "element": one.element_id,
                "action": one.action,
                "target": one.target,
            }
            for one in told.orphaned
        ],
    }
