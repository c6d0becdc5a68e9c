"""Source presets: what providers' APIs say as KPIs. Data: KPIs and a source as they would be sent to the API.

A preset is installed by POST /v1/source-presets/{key}/installations; what it made can be changed like
anything made by hand. What a provider says only with some arithmetic is in its shape
(kpis.connectors.shapes). A new preset is an entry in its file, listed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpis.connectors.source_presets import mail, subscriptions, support, surveys
from kpis.connectors.source_presets.preset import SourcePreset

SOURCE_PRESETS: Mapping[str, SourcePreset] = MappingProxyType(
    {
        preset.key: preset
        for preset in (*mail.PRESETS, *subscriptions.PRESETS, *support.PRESETS, *surveys.PRESETS)
    }
)

__all__ = ["SOURCE_PRESETS", "SourcePreset"]
