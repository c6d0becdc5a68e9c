"""Where something was said: what items name is looked up, each name once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journeys import queries as journeys
from journeys.models import Element
from kpis.queries import definitions
from service.errors import Issue, NotFound

_WORDS = {"journey_map": "map", "element": "element", "kpi": "KPI"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said. The first that is there of element, map and KPI is where it counts."""

    journey_map: uuid.UUID | None
    element: uuid.UUID | None
    kpi: uuid.UUID | None

    @property
    def subject(self) -> uuid.UUID:
        found = self.element or self.journey_map or self.kpi
        assert found is not None
        return found


class Places:
    """Looks up what items name, each name once."""

    def __init__(self, workspace_id: uuid.UUID) -> None:
        self.workspace_id = workspace_id
        self._found: dict[tuple[object, ...], Any] = {}

    def issues(self, item: Mapping[str, Any]) -> list[Issue]:
        if not any(item.get(name) for name in _WORDS):
            detail = "Say where it belongs: an element, a map or a KPI."
            return [Issue("", "no_place", detail)]
        issues = []
        for name, word in _WORDS.items():
            if item.get(name) and self._look(name, item) is None:
                detail = f"There is no {word} {item[name]!r} here."
                if name == "element" and not item.get("journey_map"):
                    detail += " By its key an element is found beside the journey_map that it is in."
                issues.append(Issue(f"/{name}", "unknown_reference", detail))
        return issues

    def place(self, item: Mapping[str, Any]) -> Place:
        element = self._look("element", item) if item.get("element") else None
        journey_map = self._look("journey_map", item) if item.get("journey_map") else None
        kpi = self._look("kpi", item) if item.get("kpi") else None
        map_id = element.journey_map_id if element else journey_map.id if journey_map else None
        return Place(map_id, element.id if element else None, kpi.id if kpi else None)

    def _look(self, name: str, item: Mapping[str, Any]) -> Any:
        key = (name, item[name], item.get("journey_map") if name == "element" else None)
        if key not in self._found:
            try:
                self._found[key] = self._read(name, item)
            except NotFound:
                self._found[key] = None
        return self._found[key]

    def _read(self, name: str, item: Mapping[str, Any]) -> Any:
        if name == "kpi":
            return definitions.open_kpi(self.workspace_id, item["kpi"])
        if name == "journey_map":
            return journeys.open_map(self.workspace_id, item["journey_map"])
        if item.get("journey_map"):
            journey_map = self._look("journey_map", item)
            return None if journey_map is None else journeys.element(journey_map, item["element"])
        try:
            element_id = uuid.UUID(item["element"])
        except ValueError:
            return None
        return Element.objects.filter(
            workspace_id=self.workspace_id, id=element_id, journey_map__archived_at=None
        ).first()
