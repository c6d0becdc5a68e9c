"""Mappings as they are sent: how items of a body become readings."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from kpis.connectors.fields import PathField
from kpis.connectors.mapping import BASES, CASTS, FIGURES, FLOWS, TIMES
from service.fields import StrictBoolean, StrictChar, StrictList, StrictNumber, ZoneName
from service.serializers import Part

MOST_ENTRIES = {"distribution": 100, "labels": 8, "value_map": 100}


class LabelRuleIn(Part):
    path = PathField(required=False)
    const = StrictChar(required=False, max_length=200)

    def validate(self, rule: dict[str, Any]) -> dict[str, Any]:
        if len(rule) != 1:
            raise serializers.ValidationError("Give either path or const.", code="one_of")
        return rule


class ConditionIn(Part):
    """Holds when the node at `path` equals, is one of, or exists."""

    path = PathField()
    equals = serializers.JSONField(required=False)
    one_of = StrictList(child=serializers.JSONField(), required=False, max_length=50)
    exists = StrictBoolean(required=False)

    def validate(self, condition: dict[str, Any]) -> dict[str, Any]:
        if len(condition) > 2:
            raise serializers.ValidationError("Give one of equals, one_of, exists.", code="one_of")
        if any(
            isinstance(one, (dict, list)) for one in (condition.get("equals"), *condition.get("one_of", ()))
        ):
            raise serializers.ValidationError(
                "Compare with a text, number, boolean or null.", code="not_a_scalar"
            )
        return condition


class MappingIn(Part):
    """How items of a body become readings of one KPI."""

    figureless: ClassVar[tuple[str, ...]] = ()  # what stands for a figure in rules that name no path of one

    kpi = StrictChar(max_length=64, help_text="Id or key of the KPI.")
    items = PathField(required=False, help_text="Where the items are; the whole body when left out.")
    when = StrictList(child=ConditionIn(), required=False, max_length=10)
    value = PathField(required=False)
    numerator = PathField(required=False)
    denominator = PathField(required=False)
    n = PathField(required=False)
    distribution = serializers.DictField(child=PathField(), required=False)
    joined = PathField(required=False, help_text="Of a KPI over a stock: what joined in the period.")
    lost = PathField(required=False, help_text="… what was lost of those who were there at its start.")
    lost_new = PathField(required=False, help_text="… what joined and was lost within it.")
    grown = PathField(required=False, help_text="… by how much the revenue of those who stayed grew.")
    base = PathField(required=False, help_text="… how many there are, as of the pull where no time is named.")
    base_of = PathField(required=False, help_text="… a path whose nodes are counted: one for each of them.")
    period = PathField(required=False)
    start = PathField(required=False)
    end = PathField(required=False)
    observed_at = PathField(required=False)
    labels = serializers.DictField(child=LabelRuleIn(), required=False)
    external_id = PathField(required=False)
    cast = serializers.ChoiceField(CASTS, required=False, help_text="How times are written.")
    zone = StrictChar(required=False, max_length=64, help_text="Zone of times without an offset.")
    value_map = serializers.DictField(child=serializers.JSONField(), required=False)
    scale = StrictNumber(required=False, help_text="Multiplies the value.")
    unit = StrictChar(required=False, max_length=32)

    def validate_zone(self, zone: str) -> str:
        return ZoneName(max_length=64).run_validation(zone)  # type: ignore[no-any-return]

    def validate_value_map(self, words: dict[str, Any]) -> dict[str, Any]:
        numbers = serializers.DictField(child=StrictNumber())
        return numbers.run_validation(words)  # type: ignore[no-any-return]

    def validate(self, mapping: dict[str, Any]) -> dict[str, Any]:
        if "base" in mapping and "base_of" in mapping:
            raise serializers.ValidationError({"base_of": ["Give base or base_of."]}, code="one_of")
        figures = (*FIGURES[:3], "distribution", *FLOWS, *BASES, *self.figureless)
        if not any(name in mapping for name in figures):
            raise serializers.ValidationError("Name the path of a figure.", code="no_figure")
        times = ("period", "end", "observed_at", *BASES)
        if not any(name in mapping for name in times):
            raise serializers.ValidationError(
                f"Name the path of a time: period, {', '.join(TIMES)}.", code="no_time"
            )
        for name, most in MOST_ENTRIES.items():
            if len(mapping.get(name, ())) > most:
                raise serializers.ValidationError({name: [f"At most {most}."]}, code="too_many")
        return mapping
