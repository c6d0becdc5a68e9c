"""A map copied."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journeys.serializers.differences import SayingMomentName
from service.fields import Attributes, Slug, StrictChar
from service.serializers import In


class CopyIn(In):
    """The new map, and what it is a copy of."""

    echoes = frozenset()
    name = StrictChar(max_length=200, required=False, help_text="As the original has it, when left out.")
    state = serializers.ChoiceField(
        ["current", "future"], required=False, help_text="As the original has it, when left out."
    )
    key = Slug(required=False, help_text="Unique in the workspace.")
    attributes = Attributes(required=False, default=dict, help_text="Up to 50 pairs for your own use.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        text = (
            "A version's number or id, `latest`, `draft` or an instant. When left out: what was published "
            "last, or the draft of a map that never was."
        )
        source = SayingMomentName(max_length=200, required=False, help_text=text)
        return {**super().get_fields(), "from": source}
