"""What a view names by id or key becomes ids, so that no later key decides what an audience sees."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from journeys import queries as journeys
from journeys.document.projection import SHOWN_LANES
from journeys.models import JourneyMap
from kpis.queries.definitions import kpis
from service.errors import Issue, ValidationProblem


class _Named(msgspec.Struct):
    key: str = ""
    id: str = ""


class _Document(msgspec.Struct):
    stages: tuple[_Named, ...] = ()
    personas: tuple[_Named, ...] = ()
    lanes: tuple[_Named, ...] = ()


_decoder = msgspec.json.Decoder(_Document)
_WORDS = {
    "stages": "stage",
    "personas": "persona",
    "lanes": "lane",
    "kpis": "KPI",
    "journey_maps": "map",
}
PARTS = ("stages", "personas", "lanes")
"""What is chosen of one map, and cannot be of many."""
_Look = Callable[[str], str | None]


def resolve_shows(
    workspace_id: uuid.UUID,
    journey_map: JourneyMap | None,
    values: Mapping[str, Any],
    *,
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what a view stores of what it shows.

    values: stages, personas, kpis (ids or keys), lanes; None shows all. evidence, back_stage, redact,
    tactical and feedback as they are. Of the overview (journey_map None) journey_maps and kpis are chosen,
    and no part of a map. Names are looked up in the draft and the latest version, in the library of personas,
    among the KPIs; `known`: what the view stored before, which may be named again. Raises ValidationProblem.
    """
    named = _overview_names(workspace_id) if journey_map is None else _names(journey_map)
    issues: list[Issue] = []
    shows: dict[str, Any] = {
        "evidence": None if values["evidence"] is None else sorted(set(values["evidence"])),
        "back_stage": values["back_stage"],
        "redact": sorted(set(values["redact"])),
        "tactical": values["tactical"],
        "feedback": values["feedback"],
    }
    for member in dict.fromkeys((*PARTS, *named)):
        wanted: Sequence[str] | None = values[member]
        if wanted is None:
            shows[member] = None
            continue
        before = set((known or {}).get(member) or ())
        found = []
        for index, ref in enumerate(wanted):
            own = ref if ref in before else named[member](ref)
            if own is None:
                detail = f"There is no {_WORDS[member]} {ref!r} here."
                issues.append(Issue(f"/{member}/{index}", "unknown_reference", detail))
            else:
                found.append(own)
        shows[member] = list(dict.fromkeys(found))
    if issues:
        raise ValidationProblem(issues)
    return shows


def _overview_names(workspace_id: uuid.UUID) -> dict[str, _Look]:
    return {
        "journey_maps": lambda ref: _found(journeys.journey_maps(workspace_id), ref),
        "kpis": lambda ref: _found(kpis(workspace_id), ref),
    }


def _names(journey_map: JourneyMap) -> dict[str, _Look]:
    """Return per member what tells the id that an id or key names."""
    documents = [_decoder.decode(content) for content in _contents(journey_map)]
    stages = _by_name(one for document in documents for one in document.stages)
    personas = _by_name(one for document in documents for one in document.personas)
    lanes = {*SHOWN_LANES, *(lane.key for document in documents for lane in document.lanes)}
    workspace_id = journey_map.workspace_id

    def kpi(ref: str) -> str | None:
        return _found(kpis(workspace_id), ref)

    def persona(ref: str) -> str | None:
        return personas.get(ref.lower()) or _found(journeys.personas(workspace_id), ref)

    return {
        "stages": lambda ref: stages.get(ref.lower()),
        "personas": persona,
        "lanes": lambda lane: lane if lane in lanes else None,
        "kpis": kpi,
    }


def _contents(journey_map: JourneyMap) -> Iterator[bytes]:
    """The draft, which counts first, and the latest version."""
    if (version := journeys.latest_version(journey_map)) is not None:
        yield journeys.version_bytes(version)
    yield journeys.draft_bytes(journeys.draft_of(journey_map))


def _by_name(found: Iterator[_Named]) -> dict[str, str]:
    return {name: one.id for one in found for name in (one.id, one.key) if name and one.id}


def _found(rows: Any, ref: str) -> str | None:
    try:
        found = rows.filter(pk=uuid.UUID(ref)).first()
    except ValueError:
        found = rows.filter(key=ref).first()
    return None if found is None else str(found.pk)
