"""CJML → maps: one for each actual or planned journey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from journeys.document.words import TEXT_MAX
from journeys.formats.base import Notice, ReadMap, unknown_options
from journeys.formats.feelings import guess_scale, is_scale
from journeys.formats.texts import name_and_rest

from .actors import actors_of
from .touchpoints import KINDS, Reading, rating_of, read_touchpoint
from .tree import Node, Refused, parse_xml

_JOURNEYS = {"actualjourney": "current", "plannedjourney": "future"}
_KNOWN = frozenset(
    ("journeyid", "journeytitle", "journeyphases", "actors", "touchpoints", "comment", "plannedreference")
)
_UNTITLED = "Untitled map"


def read_cjml(raw: bytes, options: Mapping[str, Any]) -> tuple[ReadMap, ...]:
    """Read every journey of a CJML document. Option: rating_scale, of the experience ratings."""
    notices = [*unknown_options(options, ("rating_scale",))]
    scale = options.get("rating_scale")
    if scale is not None and not (isinstance(scale, str) and is_scale(scale)):
        detail = "`rating_scale` is a scale of figures: mermaid (1..5), smaply (−2..2), lines-N or low..high."
        notices.append(Notice("options", "invalid", "invalid_option", detail))
        scale = None
    try:
        root = parse_xml(raw)
    except Refused as refused:
        told = Notice(f"line {refused.line}", "invalid", refused.code, refused.detail)
        return (ReadMap("", None, 0, (*notices, told)),)
    journeys = (
        [root]
        if root.name.lower() in _JOURNEYS
        else [n for n in root.children if n.name.lower() in _JOURNEYS]
    )
    if not journeys:
        detail = "There is no actualJourney or plannedJourney in the root element."
        told = Notice(f"line {root.line}", "invalid", "not_cjml", detail)
        return (ReadMap("", None, 0, (*notices, told)),)
    notices += _strangers(root, frozenset(_JOURNEYS)) if root not in journeys else []
    return tuple(
        _journey(node, _place(journeys, nth), scale or "", notices if nth == 0 else [])
        for nth, node in enumerate(journeys)
    )


def _place(journeys: list[Node], nth: int) -> str:
    return "" if len(journeys) == 1 else f"{journeys[nth].name} {nth + 1}, line {journeys[nth].line}"


def _journey(node: Node, place: str, scale: str, before: list[Notice]) -> ReadMap:
    notices = [*before, *_strangers(node, _KNOWN)]
    title = node.text_at("journeyTitle") or node.text_at("journeyID") or _UNTITLED
    name, rest = name_and_rest(title)
    actors = actors_of(node, notices)
    found = [n for holder in node.all("touchpoints") for n in holder.children]
    ratings = [rating for n in found for rating in _ratings(n)]
    used = scale or (guess_scale(ratings) if ratings else "")
    reading = Reading(actors, used, notices)
    raw: dict[str, Any] = {"name": name, "state": _JOURNEYS[node.name.lower()]}
    if said := "\n".join(filter(None, (rest, node.text_at("comment")))):
        raw["description"] = said
    if ids := {n: text for n in ("journeyID", "plannedReference") if (text := node.text_at(n))}:
        raw["attributes"] = {name: text[:500] for name, text in ids.items()}
    if actors.personas:
        raw["personas"] = [{"key": key, "name": name} for key, name in actors.personas.items()]
    raw["stages"] = list(_stages(node, name, found, reading))
    items = len(raw["stages"]) + sum(len(stage.get("touchpoints", ())) for stage in raw["stages"])
    return ReadMap(place, raw, items, tuple(notices), {"rating_scale": used} if used else {})


def _ratings(node: Node) -> Iterator[float]:
    for felt in node.all("touchpointExperience"):
        rating = rating_of(felt.text_at("experienceRating"))
        if rating is not None:
            yield rating


def _stages(node: Node, title: str, found: list[Node], reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield the phases with their touchpoints; without phases, one stage of the journey's name."""
    phases: dict[str, dict[str, Any]] = {}
    for holder in node.all("journeyPhases"):
        for nth, phase in enumerate(holder.all("journeyPhase"), start=1):
            name, rest = name_and_rest(phase.text_at("phaseName") or phase.text or f"Phase {nth}")
            raw = {"name": name, **({"description": rest[:TEXT_MAX]} if rest else {})}
            phases[phase.attributes.get("phaseID") or f"#{nth}"] = raw
    for point in found:
        if point.name.lower() not in KINDS:
            detail = f"<{point.name[:60]}> is no touchpoint of CJML and was left out."
            reading.notices.append(Notice(f"line {point.line}", "lossy", "unknown_element", detail))
            continue
        belongs = point.first("belongsTo")
        phase_id = belongs.attributes.get("phaseIDref", belongs.text) if belongs else ""
        if phase_id and phase_id not in phases:
            detail = (
                f"The phase {phase_id[:60]!r} is not declared; a stage of that name holds the touchpoint."
            )
            reading.notices.append(Notice(f"line {point.line}", "note", "undeclared_phase", detail))
        stage = phases.setdefault(phase_id, {"name": name_and_rest(phase_id)[0] or title})
        stage.setdefault("touchpoints", []).append(read_touchpoint(point, reading))
    yield from phases.values()


def _strangers(node: Node, known: frozenset[str]) -> list[Notice]:
    return [
        Notice(f"line {child.line}", "lossy", "unknown_element", f"<{child.name[:60]}> is left out.")
        for child in node.children
        if child.name.lower() not in known
    ]
