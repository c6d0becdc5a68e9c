"""Presets, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.presets import Preset
from service.fields import Slug, StrictBoolean, StrictChar
from service.providers.table import MAX_SECRET
from service.serializers import In


class PresetOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField(help_text="What is counted, and what is not.")
    provider = serializers.CharField()
    kpis = serializers.ListField(child=serializers.DictField(), help_text="Bodies of POST /v1/kpis.")
    rules = serializers.ListField(child=serializers.DictField())


class PresetsOut(serializers.Serializer[Any]):
    results = PresetOut(many=True)


class InstallationIn(In):
    echoes = frozenset()
    name = StrictChar(max_length=200, help_text="Of the endpoint.")
    key = Slug(required=False, help_text="Of the endpoint.")
    secret = StrictChar(
        required=False, max_length=MAX_SECRET, write_only=True, help_text="The provider's own; never shown."
    )
    awaiting_secret = StrictBoolean(required=False)


def preset_out(preset: Preset) -> dict[str, Any]:
    names = ("key", "title", "about", "provider", "kpis", "rules")
    return {name: getattr(preset, name) for name in names}
