"""Presets, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from kpis.connectors.parameters import PARAMETER
from kpis.connectors.presets import Preset
from service.errors import Issue, ValidationProblem
from service.fields import Slug, StrictBoolean, StrictChar
from service.providers.provider import MAX_SECRET
from service.serializers import In


class ParametersField(serializers.DictField):
    """What stands for {name} in a preset."""

    child = serializers.RegexField(PARAMETER, max_length=100, trim_whitespace=False)

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"help_text": "All that the preset names.", **more})


def checked_parameters(names: Mapping[str, str], given: dict[str, str]) -> dict[str, str]:
    """Return the parameters, when they are those that the preset names. Raises ValidationProblem."""
    issues = [
        Issue(f"/parameters/{name}", "required", about) for name, about in names.items() if name not in given
    ]
    issues += [
        Issue(f"/parameters/{name[:100]}", "unknown_field", "The preset has no such parameter.")
        for name in given
        if name not in names
    ]
    if issues:
        raise ValidationProblem(issues)
    return given


class PresetOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField(help_text="What is counted, and what is not.")
    provider = serializers.CharField()
    kpis = serializers.ListField(child=serializers.DictField(), help_text="Bodies of POST /v1/kpis.")
    rules = serializers.ListField(child=serializers.DictField())
    parameters = serializers.DictField(
        child=serializers.CharField(), help_text="What stands for {name} in rules, and where it is found."
    )
    fetch = serializers.DictField(
        allow_null=True, help_text="How what messages lead to is asked for, where they carry an id alone."
    )
    fetch_secret = serializers.CharField(help_text="What `fetch_secret` is; empty where nothing is fetched.")


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
    parameters = ParametersField(required=False, default=dict)
    fetch = serializers.DictField(
        required=False, default=dict, help_text="A merge patch of the preset's `fetch`: another url, say."
    )
    fetch_secret = StrictChar(
        required=False, max_length=MAX_SECRET, write_only=True, help_text="Sent with what is fetched."
    )


def preset_out(preset: Preset) -> dict[str, Any]:
    names = ("key", "title", "about", "provider", "kpis", "rules", "parameters", "fetch_secret")
    return {name: getattr(preset, name) for name in names} | {"fetch": preset.endpoint.get("fetch")}
