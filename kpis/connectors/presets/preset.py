"""The shape of a preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpis.connectors.parameters import filled


@dataclass(frozen=True, slots=True)
class Preset:
    """What one provider's messages mean. about: what is counted, and what is not.

    kpis: bodies of POST /v1/kpis, parts of a ratio before it. endpoint: other members of its body, `fetch`
    where messages carry an id alone. parameters: what stands for {name} in rules, and where it is found.
    fetch_secret: what is sent with what is fetched.
    """

    key: str
    title: str
    about: str
    kpis: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    provider: str
    endpoint: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    fetch_secret: str = ""

    def body(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the body of POST /v1/inbound-endpoints without name and secrets, parameters filled in."""
        made = {**self.endpoint, "provider": self.provider, "rules": list(self.rules)}
        return {name: filled(part, given) for name, part in made.items()}
