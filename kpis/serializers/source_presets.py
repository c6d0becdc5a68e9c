"""Source presets, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.source_presets import SourcePreset
from kpis.serializers.presets import ParametersField
from service.fields import Slug, StrictBoolean, StrictChar
from service.serializers import In


class SourcePresetOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField(help_text="What is counted, and why a dashboard of theirs may differ.")
    secret = serializers.CharField(help_text="What the secret is.")
    parameters = serializers.DictField(
        child=serializers.CharField(), help_text="What stands for {name} in `source`, and where it is found."
    )
    kpis = serializers.ListField(child=serializers.DictField(), help_text="Bodies of POST /v1/kpis.")
    source = serializers.DictField(help_text="Body of POST /v1/sources, without name and secret.")  # type: ignore[assignment]


class SourcePresetsOut(serializers.Serializer[Any]):
    results = SourcePresetOut(many=True)


class SourceInstallationIn(In):
    echoes = frozenset()
    name = StrictChar(max_length=200, help_text="Of the source.")
    key = Slug(required=False, help_text="Of the source.")
    secret = StrictChar(max_length=2000, write_only=True, help_text="Sent to the provider; never shown.")
    parameters = ParametersField(required=False, default=dict)
    config = serializers.DictField(
        required=False, default=dict, help_text="A merge patch of the preset's config: another url, say."
    )
    enabled = StrictBoolean(required=False, default=True)


def source_preset_out(preset: SourcePreset) -> dict[str, Any]:
    names = ("key", "title", "about", "secret", "parameters", "kpis")
    return {name: getattr(preset, name) for name in names} | {"source": preset.source({})}
