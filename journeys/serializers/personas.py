"""A persona of the library as it is shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from service.serializers import ResourceOut


class EmpathyMapOut(serializers.Serializer[Any]):
    says = serializers.ListField(child=serializers.CharField())
    thinks = serializers.ListField(child=serializers.CharField())
    does = serializers.ListField(child=serializers.CharField())
    feels = serializers.ListField(child=serializers.CharField())


class PersonaOut(ResourceOut):
    """A persona of the library, with every member of its profile."""

    name = serializers.CharField()
    archetype = serializers.CharField()
    actor_kind = serializers.CharField()
    description = serializers.CharField()
    goals = serializers.ListField(child=serializers.CharField())
    needs = serializers.ListField(child=serializers.CharField())
    frustrations = serializers.ListField(child=serializers.CharField())
    empathy = EmpathyMapOut()
    quote = serializers.CharField()
    selector = serializers.DictField(
        child=serializers.CharField(), help_text="Labels of the figures that are this persona's."
    )
