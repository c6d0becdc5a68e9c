"""A document → an OSMM journey that validates against its schema.

What the schema demands and the map does not say is filled with the nearest thing that it does say, and told
of: every journey there has a goal, stages with objectives, triggers, personas and audiences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from journeys.document.elements import Stage, Touchpoint
from journeys.document.lanes import Statement
from journeys.document.personas import PersonaEntry
from journeys.document.pointers import pointer
from journeys.document.shape import Document
from journeys.document.vocabularies import channel_label
from journeys.formats.base import Notice, Written
from journeys.formats.texts import unused
from journeys.formats.unsaid import lost, unsaid, unsaid_in_entries, unsaid_in_personas
from journeys.formats.wording import slug

OSMM_VERSION = "0.1.0"
_ROOT = frozenset({"id", "name", "scenario", "customer_goal", "personas", "transitions", "cyclic", "notice"})
_STAGE = frozenset({"id", "name", "customer_goal"})
_TOUCHPOINT = frozenset({"id", "name", "channels", "moment_of_truth", "actions", "thoughts", "needs"})
_ENTRY = frozenset({"id", "text", "persona"})

Json = dict[str, Any]


def write_osmm(document: Document) -> Written:
    """Write the journey as JSON, UTF-8, indented."""
    losses = list(_losses(document))
    personas = _persona_ids(document)
    goal = document.customer_goal or document.organisation_objective or document.scenario
    if not goal.strip():
        losses.append(_made_up("/customer_goal", "The map has no goal; its name stands in `journey_goal`."))
        goal = document.name
    journey: Json = {
        "object_type": "journey",
        "osmm_version": OSMM_VERSION,
        "journey_id": f"JNY-{slug(document.name).replace('.', '-') or 'map'}",
        "version": "1.0",
        "status": "proposed" if document.state == "future" else "draft",
        "name": document.name,
        "scope": "lifecycle",
        "journey_goal": goal,
        "stages": [_stage(document, stage, personas) for stage in document.stages],
        "triggers": list(_triggers(document)),
        "sequencing_logic": _sequence(document),
        "channels": list(dict.fromkeys(channel_label(c) for t in document.touchpoints() for c in t.channels)),
        "entry_criteria": [document.scenario] if document.scenario else [],
        "linked_audiences": [f"AUD-PLACEHOLDER-{name.rpartition('PER-')[2]}" for name in personas.values()],
        "linked_personas": list(personas.values()),
        "source": document.notice or "Exported from a journey map.",
    }
    if not document.personas:
        who = slug(document.actor_kind) or "actor"
        journey["linked_personas"] = [f"PER-PLACEHOLDER-{who}"]
        journey["linked_audiences"] = [f"AUD-PLACEHOLDER-{who}"]
        losses.append(_made_up("/personas", "A journey there has a persona; a placeholder stands for it."))
    losses.append(_made_up("/personas", "A journey there has audiences; placeholders stand for them."))
    if not document.stages:
        journey["stages"] = [{"stage": document.name, "objective": goal}]
        losses.append(_made_up("/stages", "A journey there has a stage; the map's name stands for one."))
    kept = {name: value for name, value in journey.items() if value not in ("", [])}
    return Written((json.dumps(kept, ensure_ascii=False, indent=2) + "\n").encode(), tuple(losses))


def _persona_ids(document: Document) -> dict[str, str]:
    """Return {id of the persona here: its id there}, in the order of the map."""
    ids: dict[str, str] = {}
    for persona in document.personas:
        wanted = f"PER-{_plain(persona)}"
        ids[str(persona.id)] = unused(wanted, ids.values())
    return ids


def _plain(persona: PersonaEntry) -> str:
    return (slug(persona.name) or slug(persona.key) or "persona").replace(".", "-")


def _stage(document: Document, stage: Stage, personas: dict[str, str]) -> Json:
    raw: Json = {
        "stage": stage.name,
        "objective": stage.customer_goal or stage.name,
        "touchpoints": [touchpoint.name for touchpoint in stage.touchpoints],
        "entry_criteria": "; ".join(_ways(document, stage, into=True)),
        "exit_criteria": "; ".join(_ways(document, stage, into=False)),
        "persona_tracks": [
            track for own, theirs in personas.items() if len(track := _track(stage, own, theirs)) > 1
        ],
    }
    return {name: value for name, value in raw.items() if value not in ("", []) or name == "objective"}


def _track(stage: Stage, persona: str, name: str) -> Json:
    """Return the cell of a persona and a stage: what is its own and what is everybody's."""
    raw: Json = {
        "persona": name,
        "buyer_goal": stage.customer_goal,
        "milestones": [touchpoint.name for touchpoint in stage.touchpoints if touchpoint.moment_of_truth],
        "key_activities": _texts(stage, persona, "actions"),
        "key_questions": [*_texts(stage, persona, "thoughts"), *_texts(stage, persona, "needs")],
    }
    return {name: value for name, value in raw.items() if value not in ("", [])}


def _texts(stage: Stage, persona: str, lane: str) -> list[str]:
    return [
        item.text
        for touchpoint in stage.touchpoints
        for item in getattr(touchpoint, lane)
        if _is_theirs(item, persona)
    ]


def _is_theirs(item: Statement, persona: str) -> bool:
    return item.persona in ("", persona)


def _ways(document: Document, stage: Stage, *, into: bool) -> Iterator[str]:
    """Yield the ways into a stage from others, or out of it, in words."""
    inside = {str(touchpoint.id) for touchpoint in stage.touchpoints}
    names = _names(document)
    for way in document.transitions:
        here, there = (way.target, way.source) if into else (way.source, way.target)
        if here in inside and there not in inside:
            lead = f"from {names[there]}" if into else f"to {names[there]}"
            yield f"{way.label} ({lead})" if way.label else lead


def _names(document: Document) -> dict[str, str]:
    touchpoints: Iterator[Touchpoint] = document.touchpoints()
    return {str(touchpoint.id): touchpoint.name for touchpoint in touchpoints}


def _triggers(document: Document) -> Iterator[Json]:
    """Yield a trigger for each transition; of a map without any, for each step from stage to stage."""
    names = _names(document)
    for way in document.transitions:
        share = "" if way.likelihood is None else f"{way.likelihood:.0%} of actors"
        trigger = way.label or f"{names[way.source]} is over"
        raw = {"trigger": trigger, "action": f"{names[way.source]} → {names[way.target]}", "timing": share}
        yield {name: value for name, value in raw.items() if value}
    if document.transitions:
        return
    before = "The journey"
    for stage in document.stages:
        begun = f"{before} begins" if before == "The journey" else f"{before} is over"
        yield {"trigger": begun, "action": f"{stage.name} begins"}
        before = stage.name
    if not document.stages:
        yield {"trigger": f"{before} begins", "action": document.name}


def _sequence(document: Document) -> str:
    said = ["Stages follow one another in the order given."] if document.stages else []
    if document.transitions:
        said.append("Triggers name ways between touchpoints that leave this order.")
    if document.cyclic:
        said.append("The last stage leads to the first again.")
    return " ".join(said)


def _losses(document: Document) -> Iterator[Notice]:
    taken = set() if document.customer_goal else {"organisation_objective"}
    yield from unsaid(document, root=_ROOT | taken, stage=_STAGE, touchpoint=_TOUCHPOINT)
    yield from unsaid_in_personas(document, {"id", "name"})
    for loss in unsaid_in_entries(document, _ENTRY):
        if any(f"/{lane}/" in loss.place for lane in ("actions", "thoughts", "needs")):
            yield loss
    for s, stage in enumerate(document.stages):
        if not stage.customer_goal:
            where = pointer("stages", s, "customer_goal")
            yield _made_up(where, "The stage has no goal; its name stands in `objective`.")


def _made_up(place: str, detail: str) -> Notice:
    return lost(place, "made_up", detail)
