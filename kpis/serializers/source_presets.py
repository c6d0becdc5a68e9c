"""Source presets, in and out."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.connectors.source_presets import SourcePreset
from kpis.connectors.source_presets.preset import PARAMETER
from service.errors import Issue, ValidationProblem
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
    parameters = serializers.DictField(
        child=serializers.RegexField(PARAMETER, max_length=100, trim_whitespace=False),
        required=False,
        default=dict,
        help_text="All that the preset names.",
    )
    config = serializers.DictField(
        required=False, default=dict, help_text="A merge patch of the preset's config: another url, say."
    )
    enabled = StrictBoolean(required=False, default=True)


def source_preset_out(preset: SourcePreset) -> dict[str, Any]:
    names = ("key", "title", "about", "secret", "parameters", "kpis")
    return {name: getattr(preset, name) for name in names} | {"source": preset.source({})}


def checked_parameters(preset: SourcePreset, given: dict[str, str]) -> dict[str, str]:
    """Return the parameters, when they are those that the preset names. Raises ValidationProblem."""
    issues = [
        Issue(f"/parameters/{name}", "required", about)
        for name, about in preset.parameters.items()
        if name not in given
    ]
    issues += [
        Issue(f"/parameters/{name[:100]}", "unknown_field", "The preset has no such parameter.")
        for name in given
        if name not in preset.parameters
    ]
    if issues:
        raise ValidationProblem(issues)
    return given
