"""The shape of a preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    """What one provider's messages mean. about: what is counted, and what is not.

    kpis: bodies of POST /v1/kpis, parts of a ratio before it. endpoint: other members of its body.
    """

    key: str
    title: str
    about: str
    kpis: Sequence[Mapping[str, Any]]
    rules: Sequence[Mapping[str, Any]]
    provider: str
    endpoint: Mapping[str, Any] = field(default_factory=dict)
