"""Presets: what a provider's messages mean as KPIs. Data: KPIs and rules as they would be sent to the API.

A preset is installed by POST /v1/inbound-presets/{key}/installations; what it made can be changed like
anything made by hand. A new one is an entry in its file, listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpis.connectors.presets import happenings, mail, subscriptions, surveys
from kpis.connectors.presets.preset import Preset

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.key: preset
        for preset in (*mail.PRESETS, *surveys.PRESETS, *subscriptions.PRESETS, *happenings.PRESETS)
    }
)

__all__ = ["PRESETS", "Preset"]
