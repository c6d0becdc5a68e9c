"""The shape of a source preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpis.connectors.parameters import filled


@dataclass(frozen=True, slots=True)
class SourcePreset:
    """What one provider's API means. about: what is counted, what is not, why a dashboard may differ.

    kpis: bodies of POST /v1/kpis, parts of a ratio before it. config, mappings: of a source of type
    http_json. parameters: what stands for {name} in them, and where it is found. secret: what it is.
    """

    key: str
    title: str
    about: str
    secret: str
    kpis: Sequence[Mapping[str, Any]]
    config: Mapping[str, Any]
    mappings: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, str] = field(default_factory=dict)
    schedule: Mapping[str, Any] = field(default_factory=lambda: {"every": "PT6H"})

    def source(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the body of POST /v1/sources without its name and secret, with the parameters filled in.

        Those that are not given stand as they are.
        """
        source = {
            "type": "http_json",
            "config": self.config,
            "mappings": self.mappings,
            "schedule": self.schedule,
        }
        return {name: filled(part, given) for name, part in source.items()}
