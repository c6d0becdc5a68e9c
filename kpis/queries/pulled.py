"""Sources as a pull needs them: no ORM rows, as ten thousand are read a minute."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from kpis.queries.sql import array, fetch, statement

_SOURCES = statement("sources_to_pull")
_loads = msgspec.json.Decoder().decode


class Asked(Protocol):
    """What is known of a source by those who ask it and read its answer: `Source` as well as `Pulled`."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def workspace_id(self) -> uuid.UUID: ...
    @property
    def type(self) -> str: ...
    @property
    def config(self) -> Mapping[str, Any]: ...
    @property
    def secret(self) -> bytes | memoryview | None: ...
    @property
    def mappings(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Pulled:
    """A source that was claimed, as it was then (kpis.models.sources.Source).

    goes_on: pages of its question were read already (SourceStretch).
    """

    id: uuid.UUID
    workspace_id: uuid.UUID
    name: str
    type: str
    config: dict[str, Any]
    secret: bytes | None
    mappings: list[dict[str, Any]]
    schedule: dict[str, Any]
    catch_up: str
    failures: int
    circuit_opened_at: datetime | None
    pulled_to: datetime | None
    broken: bool
    goes_on: bool


def sources_to_pull(workspace_id: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Pulled]:
    """Return by id those of the sources that are neither archived nor off, nor wait for their secret."""
    rows = fetch(_SOURCES, {"workspace": workspace_id, "ids": array(ids)})
    found: dict[uuid.UUID, Pulled] = {}
    for source_id, home, name, kind, config, secret, mappings, schedule, *state in rows:
        told = (_loads(config), secret, _loads(mappings), _loads(schedule))
        found[source_id] = Pulled(source_id, home, name, kind, *told, *state)
    return found
